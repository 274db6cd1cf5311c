// Distributed under the Boost Software License, Version 1.0.
// Tests the seam to the kernel: addresses, listening, waiting, descriptors.
#include "net/clock.hpp"
#include "net/endpoint.hpp"
#include "net/event_fd.hpp"
#include "net/listen.hpp"
#include "net/poller.hpp"
#include "net/random.hpp"
#include "net/socket.hpp"

#include "support/watch.hpp"

#include <boost/test/unit_test.hpp>

#include <arpa/inet.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstring>
#include <filesystem>
#include <fstream>

using namespace epollhost;

namespace {

int refuse_with = 0; // what epoll_pwait2 answers, if not 0

} // namespace

// src/net reaches epoll_pwait2 by syscall(2): so a test can play an old kernel, or a container's filter.
extern "C" __attribute__((visibility("default"))) long syscall(long number, ...) noexcept {
  static auto* const real = reinterpret_cast<long (*)(long, ...)>(::dlsym(RTLD_NEXT, "syscall"));
  va_list list;
  va_start(list, number);
  long a[6];
  for (long& one : a) one = va_arg(list, long);
  va_end(list);
  if (number == SYS_epoll_pwait2 && refuse_with) return errno = refuse_with, -1;
  return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

namespace {

net::endpoint inet(const char* address, std::uint16_t port) {
  net::endpoint e;
  auto& in = reinterpret_cast<sockaddr_in&>(e.storage);
  in.sin_family = AF_INET;
  in.sin_port = htons(port);
  ::inet_pton(AF_INET, address, &in.sin_addr);
  e.size = sizeof in;
  return e;
}

net::endpoint inet6(const char* address, std::uint16_t port) {
  net::endpoint e;
  auto& in = reinterpret_cast<sockaddr_in6&>(e.storage);
  in.sin6_family = AF_INET6;
  in.sin6_port = htons(port);
  ::inet_pton(AF_INET6, address, &in.sin6_addr);
  e.size = sizeof in;
  return e;
}

net::endpoint local(const std::string& path) {
  net::endpoint e;
  auto& un = reinterpret_cast<sockaddr_un&>(e.storage);
  un.sun_family = AF_UNIX;
  std::memcpy(un.sun_path, path.data(), path.size());
  e.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + (path[0] ? 1 : 0));
  return e;
}

struct folder {
  folder() {
    char name[] = "/tmp/epollhost-test-XXXXXX";
    BOOST_REQUIRE(::mkdtemp(name));
    path = name;
  }
  ~folder() { std::filesystem::remove_all(path); }
  std::string path;
};

// Both halves of listening.
net::unique_fd listening(const net::endpoint& at, const net::bind_options& options, net::error_code& ec) {
  net::unique_fd fd = net::bind(at, options, ec);
  if (!ec) ec = net::listen(fd.get(), 16);
  if (ec) fd.reset();
  return fd;
}

int option(int fd, int layer, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  BOOST_REQUIRE_EQUAL(::getsockopt(fd, layer, name, &value, &size), 0);
  return value;
}

} // namespace

BOOST_AUTO_TEST_SUITE(net_)

BOOST_AUTO_TEST_CASE(writes_addresses_as_listen_takes_them) {
  BOOST_CHECK_EQUAL(to_string(inet("127.0.0.1", 80)), "127.0.0.1:80");
  BOOST_CHECK_EQUAL(to_string(inet6("::1", 65535)), "[::1]:65535");
  BOOST_CHECK_EQUAL(to_string(inet6("::ffff:10.0.0.1", 8080)), "10.0.0.1:8080");
  BOOST_CHECK_EQUAL(to_string(local("/run/x.sock")), "unix:/run/x.sock");
  BOOST_CHECK_EQUAL(to_string(local(std::string("\0name", 5))), "unix:@name");
  BOOST_CHECK_EQUAL(local("/run/x.sock").unix_path(), "/run/x.sock");
  BOOST_CHECK_EQUAL(local(std::string("\0name", 5)).unix_path(), "");
  BOOST_CHECK_EQUAL(inet("127.0.0.1", 80).unix_path(), "");
}

// LESSONS 2: what is set on the listener, an accepted socket inherits.
BOOST_AUTO_TEST_CASE(gives_accepted_sockets_the_options_of_the_listener) {
  net::error_code ec;
  const net::unique_fd listener = listening(inet("127.0.0.1", 0), {.nodelay = true}, ec);
  BOOST_REQUIRE_MESSAGE(listener, ec.message());
  const net::unique_fd peer(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const net::endpoint at = net::local_endpoint(listener.get());
  BOOST_REQUIRE_EQUAL(::connect(peer.get(), at.data(), at.size), 0);
  const net::unique_fd ours(static_cast<int>(net::accept(listener.get())));
  BOOST_REQUIRE(ours);
  BOOST_CHECK_EQUAL(option(ours.get(), IPPROTO_TCP, TCP_NODELAY), 1);
  BOOST_CHECK_EQUAL(option(ours.get(), SOL_SOCKET, SO_OOBINLINE), 1);
  BOOST_CHECK(::fcntl(ours.get(), F_GETFL) & O_NONBLOCK);
  BOOST_CHECK(::fcntl(ours.get(), F_GETFD) & FD_CLOEXEC);
  BOOST_CHECK(::fcntl(listener.get(), F_GETFD) & FD_CLOEXEC);
  BOOST_CHECK_EQUAL(to_string(net::peer_endpoint(peer.get())), to_string(at));
  BOOST_CHECK(net::would_block(net::accept(listener.get())));
  char byte = 0;
  BOOST_CHECK(net::would_block(net::receive(ours.get(), &byte, 1)));
}

BOOST_AUTO_TEST_CASE(takes_no_more_connections_and_keeps_those_that_wait) {
  net::error_code ec;
  const net::unique_fd listener = listening(inet("127.0.0.1", 0), {}, ec);
  const net::endpoint at = net::local_endpoint(listener.get());
  const auto connects = [&](const net::unique_fd& fd) {
    BOOST_REQUIRE(::connect(fd.get(), at.data(), at.size) == 0 || errno == EINPROGRESS);
    pollfd p{fd.get(), POLLOUT, 0};
    return ::poll(&p, 1, 0) == 1; // over the loopback the handshake is done, or nobody has answered
  };
  const net::unique_fd early(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const net::unique_fd late(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  BOOST_CHECK(connects(early));
  BOOST_REQUIRE(net::take_no_more(listener.get()));
  BOOST_CHECK(!connects(late));
  const net::unique_fd ours(static_cast<int>(net::accept(listener.get())));
  BOOST_CHECK(ours);
  BOOST_CHECK_EQUAL(net::accept(listener.get()), -EAGAIN);
  char byte = 'x';
  BOOST_CHECK_EQUAL(net::send(early.get(), &byte, 1), 1);
  pollfd p{ours.get(), POLLIN, 0};
  BOOST_CHECK_EQUAL(::poll(&p, 1, -1), 1); // the filter is the listener's, not that of the sockets it has given
  BOOST_CHECK_EQUAL(net::receive(ours.get(), &byte, 1), 1);
}

BOOST_AUTO_TEST_CASE(says_that_an_address_is_in_use) {
  net::error_code ec;
  const net::unique_fd first = listening(inet("127.0.0.1", 0), {}, ec);
  BOOST_REQUIRE(first);
  BOOST_CHECK(!listening(net::local_endpoint(first.get()), {}, ec));
  BOOST_CHECK_EQUAL(ec.value(), EADDRINUSE);
}

// One socket for each worker on one address; and one that another program has is still noticed.
BOOST_AUTO_TEST_CASE(shares_a_port_among_its_own_slots_and_with_nobody_else) {
  net::error_code ec;
  const net::unique_fd first = listening(inet("127.0.0.1", 0), {.share = net::port_share::first}, ec);
  BOOST_REQUIRE_MESSAGE(first, ec.message());
  BOOST_CHECK(!net::share_port(first.get()));
  const net::endpoint at = net::local_endpoint(first.get());
  const net::unique_fd second = listening(at, {.share = net::port_share::further}, ec);
  BOOST_CHECK_MESSAGE(second, ec.message());
  BOOST_CHECK(!listening(at, {.share = net::port_share::first}, ec));
  BOOST_CHECK_EQUAL(ec.value(), EADDRINUSE);
  BOOST_CHECK(!listening(at, {}, ec));
  BOOST_CHECK_EQUAL(ec.value(), EADDRINUSE);
}

BOOST_AUTO_TEST_CASE(replaces_a_stale_unix_socket_and_nothing_else) {
  const folder f;
  const std::string path = f.path + "/s";
  net::error_code ec;
  net::unique_fd first = listening(local(path), {.file = {.mode = 0640}}, ec);
  BOOST_REQUIRE_MESSAGE(first, ec.message());
  struct stat s {};
  BOOST_REQUIRE_EQUAL(::stat(path.c_str(), &s), 0);
  BOOST_CHECK_EQUAL(s.st_mode & 07777, 0640);

  BOOST_CHECK(!listening(local(path), {}, ec)); // a live one
  BOOST_CHECK_EQUAL(ec.value(), EADDRINUSE);
  first.reset();
  const net::unique_fd second = listening(local(path), {}, ec); // a stale one
  BOOST_CHECK_MESSAGE(second, ec.message());

  const std::string file = f.path + "/file";
  std::ofstream(file) << "precious";
  BOOST_CHECK(!listening(local(file), {}, ec)); // somebody's file
  BOOST_CHECK_EQUAL(ec.value(), EADDRINUSE);
  BOOST_CHECK_EQUAL(std::filesystem::file_size(file), 8);

  std::filesystem::create_symlink(file, f.path + "/link");
  BOOST_CHECK(!listening(local(f.path + "/link"), {}, ec));
  BOOST_CHECK(!listening(local(f.path + "/absent/s"), {}, ec));
  BOOST_CHECK_EQUAL(ec.value(), ENOENT);
}

BOOST_AUTO_TEST_CASE(removes_only_the_file_that_is_still_its_own) {
  const folder f;
  const std::string path = f.path + "/s";
  std::ofstream(path) << "mine";
  const net::file_id mine = net::identify(path);
  std::ofstream(f.path + "/other") << "of another program";
  std::filesystem::rename(f.path + "/other", path);
  net::remove_file(path, mine);
  BOOST_CHECK(std::filesystem::exists(path));
  net::remove_file(path, net::identify(path));
  BOOST_CHECK(!std::filesystem::exists(path));
  net::remove_file(path, net::identify(path)); // nothing there: nothing happens
  BOOST_CHECK((net::identify("") == net::file_id{}));
}

// libc exports epoll_pwait2 where the kernel has none, and old containers answer EPERM: then milliseconds, rounded up.
BOOST_AUTO_TEST_CASE(never_waits_too_short_with_and_without_epoll_pwait2) {
  for (const int error : {0, ENOSYS, EPERM}) {
    refuse_with = error;
    net::poller poller;
    std::array<epoll_event, 4> events{};
    for (const std::int64_t timeout : {1, 200'000, 999'999, 1'000'001, 3'500'000}) {
      const std::int64_t begin = net::monotonic_ns();
      BOOST_CHECK_EQUAL(poller.wait(events, timeout), 0);
      BOOST_CHECK_GE(net::monotonic_ns() - begin, timeout);
    }
    net::event_fd wake;
    BOOST_REQUIRE(!poller.add(wake.get(), EPOLLIN | EPOLLET, 42));
    wake.notify();
    BOOST_CHECK_EQUAL(poller.wait(events, 3'600'000'000'000), 1); // an hour, if it were missed
    BOOST_CHECK_EQUAL(std::uint64_t(events[0].data.u64), 42);     // packed: no reference may bind to it
    wake.notify();
    BOOST_CHECK_EQUAL(poller.wait(events, -1), 1);
    BOOST_CHECK_EQUAL(poller.wait(events, 0), 0); // never read, and quiet all the same
    poller.remove(wake.get());
    poller.remove(wake.get());
  }
  refuse_with = 0;
}

BOOST_AUTO_TEST_CASE(waits_roughly_nineteen_twentieths_of_the_time_less_a_millisecond) {
  net::poller poller;
  std::array<epoll_event, 4> events{};
  for (const std::int64_t timeout : {999'999, 1 << 20, 30'000'000}) {
    const std::int64_t begin = net::monotonic_ns();
    BOOST_CHECK_EQUAL(poller.wait_roughly(events, timeout), 0);
    BOOST_CHECK_GE(net::monotonic_ns() - begin, timeout / 20 * 19 - 1'000'000);
  }
  net::event_fd wake;
  BOOST_REQUIRE(!poller.add(wake.get(), EPOLLIN | EPOLLET, 42));
  constexpr std::int64_t longest = std::numeric_limits<std::int64_t>::max(), most_ms = (std::int64_t(INT_MAX) << 20);
  for (const std::int64_t timeout : {most_ms, most_ms + (1 << 20), longest}) {
    wake.notify();
    BOOST_CHECK_EQUAL(poller.wait_roughly(events, timeout), 1);
  }
}

// LESSONS 2: an eventfd is never read. Once its counter is full, notifying still wakes.
BOOST_AUTO_TEST_CASE(still_wakes_when_the_counter_of_the_eventfd_is_full) {
  net::poller poller;
  net::event_fd wake;
  BOOST_REQUIRE(!poller.add(wake.get(), EPOLLIN | EPOLLET, 1));
  const std::uint64_t full = ~std::uint64_t(0) - 1;
  BOOST_REQUIRE_EQUAL(::write(wake.get(), &full, sizeof full), 8);
  std::array<epoll_event, 4> events{};
  BOOST_CHECK_EQUAL(poller.wait(events, 0), 1);
  wake.notify();
  BOOST_CHECK_EQUAL(poller.wait(events, 0), 1);
}

BOOST_AUTO_TEST_CASE(closes_what_it_owns_once) {
  net::unique_fd a(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const int number = a.get();
  net::unique_fd b(std::move(a));
  BOOST_CHECK(!a);
  BOOST_CHECK_EQUAL(b.get(), number);
  auto& same = b;
  b = std::move(same);
  BOOST_CHECK_EQUAL(b.get(), number);
  b = net::unique_fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  BOOST_CHECK_EQUAL(::fcntl(number, F_GETFD), -1);
  const int released = b.release();
  BOOST_CHECK(!b);
  BOOST_CHECK_EQUAL(::close(released), 0);
}

BOOST_AUTO_TEST_CASE(fills_all_random_bytes) {
  for (const std::size_t len : {std::size_t(0), std::size_t(1), std::size_t(300), std::size_t(100'000)}) {
    std::string bytes(len + 2, '\0');
    net::random_bytes(bytes.data() + 1, len);
    BOOST_CHECK_EQUAL(bytes.front(), '\0');
    BOOST_CHECK_EQUAL(bytes.back(), '\0');
    if (len >= 300)
      BOOST_CHECK_LT(std::count(bytes.begin(), bytes.end(), '\0'), std::ptrdiff_t(2 + len / 15)); // len / 256 is usual
  }
}

BOOST_AUTO_TEST_SUITE_END()
