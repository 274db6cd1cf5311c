// Distributed under the Boost Software License, Version 1.0.
// Tests who may listen where, and how an address goes away without a reset.
#include "net/listen.hpp"
#include "net/socket.hpp"

#include <boost/test/unit_test.hpp>

#include <arpa/inet.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <barrier>
#include <cstring>
#include <filesystem>
#include <thread>

using namespace epollhost;

namespace {

bool refuses_filters = false; // as a kernel that wants CAP_NET_ADMIN for them

} // namespace

extern "C" __attribute__((visibility("default"))) int setsockopt(int fd, int layer, int name, const void* value,
                                                                 socklen_t size) noexcept {
  static auto* const real =
      reinterpret_cast<int (*)(int, int, int, const void*, socklen_t)>(::dlsym(RTLD_NEXT, "setsockopt"));
  if (refuses_filters && layer == SOL_SOCKET && name == SO_ATTACH_FILTER) return errno = EPERM, -1;
  return real(fd, layer, name, value, size);
}

namespace {

net::endpoint inet(const char* address, std::uint16_t port = 0) {
  net::endpoint e;
  if (std::strchr(address, ':')) {
    auto& in = reinterpret_cast<sockaddr_in6&>(e.storage);
    in.sin6_family = AF_INET6;
    in.sin6_port = htons(port);
    ::inet_pton(AF_INET6, address, &in.sin6_addr);
    e.size = sizeof in;
  } else {
    auto& in = reinterpret_cast<sockaddr_in&>(e.storage);
    in.sin_family = AF_INET;
    in.sin_port = htons(port);
    ::inet_pton(AF_INET, address, &in.sin_addr);
    e.size = sizeof in;
  }
  return e;
}

net::endpoint local(const std::string& path) {
  net::endpoint e;
  auto& un = reinterpret_cast<sockaddr_un&>(e.storage);
  un.sun_family = AF_UNIX;
  std::memcpy(un.sun_path, path.data(), path.size());
  e.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  return e;
}

struct folder {
  folder() {
    char name[] = "/tmp/epollhost-test-XXXXXX";
    BOOST_REQUIRE(::mkdtemp(name));
    path = name;
  }
  ~folder() { std::filesystem::remove_all(path); }
  std::string operator/(const std::string& name) const { return path + "/" + name; }
  std::string path;
};

// The two slots of one program that wants to listen.
struct program {
  program(const net::endpoint& at, bool dual) {
    net::error_code ec;
    first = net::bind(at, {.share = net::port_share::first, .dual_stack = dual}, ec);
    BOOST_REQUIRE_MESSAGE(!ec, ec.message());
    further =
        net::bind(net::local_endpoint(first.get()), {.share = net::port_share::further, .dual_stack = dual}, ec);
    BOOST_REQUIRE_MESSAGE(!ec, ec.message());
  }
  int listen_first() { return net::listen(first.get(), 8).value(); }
  int listen_rest() {
    BOOST_CHECK(!net::share_port(first.get()));
    return net::listen(further.get(), 8).value();
  }
  net::endpoint at() const { return net::local_endpoint(first.get()); }

  net::unique_fd first, further;
};

struct place {
  const char* address;
  bool dual;
};
const std::vector<place> places{{"127.0.0.1", false}, {"0.0.0.0", false}, {"::1", false}, {"::", false}, {"::", true}};

// A client that thinks itself connected, but keeps the acknowledgement until it has something to say.
net::unique_fd held_back(const net::endpoint& at) {
  net::unique_fd out(::socket(at.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int off = 0;
  BOOST_REQUIRE_EQUAL(::setsockopt(out.get(), IPPROTO_TCP, TCP_QUICKACK, &off, sizeof off), 0);
  BOOST_REQUIRE_EQUAL(::connect(out.get(), at.data(), at.size), 0);
  return out;
}

bool becomes_readable(int fd, int patience_ms = -1) {
  pollfd p{fd, POLLIN, 0};
  return ::poll(&p, 1, patience_ms) == 1;
}

} // namespace

BOOST_AUTO_TEST_SUITE(listening_)

// bind(2) lets both in, since none of them listens yet.
BOOST_AUTO_TEST_CASE(lets_one_listen_of_two_programs_that_were_bound_at_the_same_moment) {
  for (const auto& [address, dual] : places)
    for (const bool shared_in_time : {true, false}) {
      program one(inet(address), dual), other(one.at(), dual);
      BOOST_CHECK_EQUAL(one.listen_first(), 0);
      if (shared_in_time) BOOST_CHECK_EQUAL(one.listen_rest(), 0);
      BOOST_CHECK_EQUAL(other.listen_first(), EADDRINUSE);
      BOOST_CHECK_EQUAL(one.listen_rest(), 0);
    }
}

BOOST_AUTO_TEST_CASE(lets_a_program_move_between_an_address_and_the_one_that_contains_it) {
  program all(inet("::"), true);
  BOOST_CHECK_EQUAL(all.listen_first() + all.listen_rest(), 0);
  const auto port = ntohs(reinterpret_cast<const sockaddr_in6&>(all.at().storage).sin6_port);
  const net::endpoint one = inet("127.0.0.1", port);
  BOOST_CHECK(net::overlap(all.at(), true, one, false));
  net::error_code ec;
  const net::unique_fd beside = net::bind(one, {.share = net::port_share::further}, ec);
  BOOST_REQUIRE_MESSAGE(!ec, ec.message());
  BOOST_CHECK(!net::listen(beside.get(), 8));
  all.first.reset();
  all.further.reset();
  const net::unique_fd back = net::bind(inet("::", port), {.share = net::port_share::further, .dual_stack = true}, ec);
  BOOST_REQUIRE_MESSAGE(!ec, ec.message());
  BOOST_CHECK(!net::listen(back.get(), 8));
}

BOOST_AUTO_TEST_CASE(knows_which_addresses_contain_each_other) {
  const auto both = [](const net::endpoint& a, bool a_dual, const net::endpoint& b, bool b_dual) {
    BOOST_CHECK_EQUAL(net::overlap(a, a_dual, b, b_dual), net::overlap(b, b_dual, a, a_dual));
    return net::overlap(a, a_dual, b, b_dual);
  };
  BOOST_CHECK(both(inet("127.0.0.1", 80), false, inet("127.0.0.1", 80), false));
  BOOST_CHECK(both(inet("127.0.0.1", 80), false, inet("0.0.0.0", 80), false));
  BOOST_CHECK(both(inet("127.0.0.1", 80), false, inet("::", 80), true));
  BOOST_CHECK(both(inet("0.0.0.0", 80), false, inet("::", 80), true));
  BOOST_CHECK(both(inet("::1", 80), false, inet("::", 80), false));
  BOOST_CHECK(both(inet("::", 80), true, inet("::", 80), false));
  BOOST_CHECK(!both(inet("127.0.0.1", 80), false, inet("127.0.0.2", 80), false));
  BOOST_CHECK(!both(inet("127.0.0.1", 80), false, inet("127.0.0.1", 81), false));
  BOOST_CHECK(!both(inet("0.0.0.0", 80), false, inet("::", 80), false));
  BOOST_CHECK(!both(inet("127.0.0.1", 80), false, inet("::1", 80), false));
  BOOST_CHECK(!both(inet("::2", 80), false, inet("::1", 80), false));
  BOOST_CHECK(!both(inet("0.0.0.0", 0), false, inet("0.0.0.0", 0), false)); // another port each
  BOOST_CHECK(!both(local("/tmp/x"), false, inet("0.0.0.0", 80), false));
}

BOOST_AUTO_TEST_CASE(knows_the_same_path_by_its_folder) {
  const folder f;
  std::filesystem::create_directory(f / "real");
  std::filesystem::create_symlink(f / "real", f / "link");
  const std::string place = net::place_of(local(f / "real/s"));
  BOOST_CHECK_EQUAL(place, "unix:" + std::filesystem::canonical(f.path).string() + "/real/s");
  for (const char* other : {"real/./s", "link/s", "real/../link//s"}) {
    BOOST_CHECK_EQUAL(net::place_of(local(f / other)), place);
    BOOST_CHECK(net::overlap(local(f / other), false, local(f / "real/s"), false));
  }
  BOOST_CHECK(!net::overlap(local(f / "real/t"), false, local(f / "real/s"), false));
  BOOST_CHECK_EQUAL(net::place_of(local("/s")), "unix:/s");
  BOOST_CHECK_EQUAL(net::place_of(local(f / "absent/s")), "unix:" + (f / "absent/s"));
  BOOST_CHECK_EQUAL(net::place_of(inet("127.0.0.1", 80)), "127.0.0.1:80");
}

// ---- files of unix sockets

BOOST_AUTO_TEST_CASE(takes_a_socket_that_does_not_listen_yet_for_a_living_one) {
  const folder f;
  net::error_code ec;
  const net::unique_fd first = net::bind(local(f / "s"), {}, ec);
  BOOST_REQUIRE_MESSAGE(first, ec.message());
  BOOST_CHECK(!net::bind(local(f / "s"), {}, ec));
  BOOST_CHECK_EQUAL(ec.value(), EADDRINUSE);
  BOOST_CHECK(!net::listen(first.get(), 1));
  const net::unique_fd client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  BOOST_CHECK_EQUAL(::connect(client.get(), local(f / "s").data(), local(f / "s").size), 0);
}

BOOST_AUTO_TEST_CASE(gives_a_dead_path_to_one_of_those_that_want_it_at_once) {
  const folder f;
  constexpr std::size_t count = 4;
  for (int round = 0; round < 50; ++round) {
    net::error_code none;
    net::bind(local(f / "s"), {}, none).reset(); // its file stays
    std::array<net::unique_fd, count> got;
    std::barrier begin(count);
    std::vector<std::thread> all;
    for (auto& mine : got)
      all.emplace_back([&] {
        begin.arrive_and_wait();
        net::error_code ec;
        mine = net::bind(local(f / "s"), {}, ec);
      });
    for (auto& t : all) t.join();
    const auto owner = std::find_if(got.begin(), got.end(), [](const auto& fd) { return bool(fd); });
    BOOST_REQUIRE_EQUAL(std::count_if(got.begin(), got.end(), [](const auto& fd) { return bool(fd); }), 1);
    BOOST_CHECK(!net::listen(owner->get(), 1));
    const net::unique_fd client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    BOOST_CHECK_EQUAL(::connect(client.get(), local(f / "s").data(), local(f / "s").size), 0);
  }
  BOOST_CHECK(!std::filesystem::exists(f / "s.lock"));
}

BOOST_AUTO_TEST_CASE(waits_for_no_lock_of_another_user) {
  if (::geteuid() != 0) return; // only root makes a file another's
  const folder f;
  net::unique_fd lock(::open((f / "s.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  BOOST_REQUIRE_EQUAL(::fchown(lock.get(), 65534, 65534), 0);
  net::error_code ec;
  BOOST_CHECK(!net::bind(local(f / "s"), {}, ec));
  BOOST_CHECK_EQUAL(ec.value(), EACCES);
}

BOOST_AUTO_TEST_CASE(gives_the_file_its_owner_group_and_mode) {
  const folder f;
  net::error_code ec;
  net::unix_access access{.mode = 0620, .user = ::geteuid(), .group = ::getegid()};
  if (::geteuid() == 0) access.user = access.group = 65534;
  const net::unique_fd fd = net::bind(local(f / "s"), {.file = access}, ec);
  BOOST_REQUIRE_MESSAGE(fd, ec.message());
  struct stat s {};
  BOOST_REQUIRE_EQUAL(::stat((f / "s").c_str(), &s), 0);
  BOOST_CHECK_EQUAL(s.st_mode & 07777, 0620);
  BOOST_CHECK_EQUAL(s.st_uid, *access.user);
  BOOST_CHECK_EQUAL(s.st_gid, *access.group);
  BOOST_CHECK_EQUAL(net::set_access(f / "absent", access).value(), ENOENT);
}

// ---- going away

BOOST_AUTO_TEST_CASE(keeps_clients_whose_acknowledgement_is_on_the_way) {
  for (const char* address : {"127.0.0.1", "::1"})
    for (const bool without_filters : {false, true}) {
      BOOST_TEST_CONTEXT(address << (without_filters ? ", by hops" : ", by a filter")) {
        net::error_code ec;
        net::unique_fd listener = net::bind(inet(address), {}, ec);
        BOOST_REQUIRE(!net::listen(listener.get(), 8));
        const net::endpoint at = net::local_endpoint(listener.get());
        BOOST_CHECK(net::has_handshakes(listener.get()) == false);
        const net::unique_fd client = held_back(at);
        refuses_filters = without_filters;
        BOOST_CHECK(net::take_no_more(listener.get()));
        refuses_filters = false;
        BOOST_CHECK(net::has_handshakes(listener.get()) == true);
        const net::unique_fd late(::socket(at.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        BOOST_CHECK(::connect(late.get(), at.data(), at.size) != 0 && errno == EINPROGRESS);
        BOOST_CHECK_EQUAL(net::send(client.get(), "a", 1), 1); // with the acknowledgement
        BOOST_CHECK(becomes_readable(listener.get()));
        BOOST_CHECK(net::has_handshakes(listener.get()) == false);
        const net::unique_fd ours(static_cast<int>(net::accept(listener.get())));
        BOOST_REQUIRE(ours);
        net::hear_all_hops(ours.get());
        listener.reset();
        BOOST_CHECK_EQUAL(net::send(client.get(), "b", 1), 1);
        for (const char expected : {'a', 'b'}) {
          char byte = 0;
          BOOST_CHECK(becomes_readable(ours.get()));
          BOOST_CHECK_EQUAL(net::receive(ours.get(), &byte, 1), 1);
          BOOST_CHECK_EQUAL(byte, expected);
        }
      }
    }
}

BOOST_AUTO_TEST_CASE(takes_clients_again_when_the_address_comes_back) {
  for (const char* address : {"127.0.0.1", "::1"})
    for (const bool without_filters : {false, true}) {
      net::error_code ec;
      const net::unique_fd listener = net::bind(inet(address), {}, ec);
      BOOST_REQUIRE(!net::listen(listener.get(), 8));
      refuses_filters = without_filters;
      BOOST_CHECK(net::take_no_more(listener.get()));
      refuses_filters = false;
      BOOST_CHECK(net::take_again(listener.get()));
      const net::endpoint at = net::local_endpoint(listener.get());
      const net::unique_fd client(::socket(at.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
      BOOST_CHECK_EQUAL(::connect(client.get(), at.data(), at.size), 0);
      BOOST_CHECK(becomes_readable(listener.get()));
    }
}

BOOST_AUTO_TEST_CASE(refuses_at_a_unix_socket_that_goes_and_keeps_its_queue) {
  const folder f;
  net::error_code ec;
  const net::unique_fd listener = net::bind(local(f / "s"), {}, ec);
  BOOST_REQUIRE(!net::listen(listener.get(), 8));
  const net::endpoint at = local(f / "s");
  const net::unique_fd early(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const net::unique_fd late(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  BOOST_CHECK_EQUAL(::connect(early.get(), at.data(), at.size), 0);
  BOOST_CHECK(net::take_no_more(listener.get()));
  BOOST_CHECK(::connect(late.get(), at.data(), at.size) != 0 && errno == ECONNREFUSED);
  BOOST_CHECK(net::unique_fd(static_cast<int>(net::accept(listener.get()))));
  BOOST_CHECK_EQUAL(net::accept(listener.get()), -EAGAIN);
  BOOST_CHECK(net::has_handshakes(listener.get()) == false);
  BOOST_CHECK(!net::take_again(listener.get()));
}

BOOST_AUTO_TEST_SUITE_END()
