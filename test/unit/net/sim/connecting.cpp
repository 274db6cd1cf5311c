// Distributed under the Boost Software License, Version 1.0.
// Tests the connections that a program of the simulated kernel makes, and the names that it looks up for them.
#include "net/connect.hpp"

#include "net/random.hpp"
#include "net/resolver.hpp"
#include "support.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>

#include <cstring>
#include <optional>
#include <string>

using namespace epollhost;
using net::sim::fault;
using net::sim::kernel;
using test::always;
using test::connected;
using test::inet;

namespace {

constexpr std::int64_t second_ns = 1'000'000'000;

net::endpoint unix_path(const char* path) {
  net::endpoint e;
  auto& un = reinterpret_cast<sockaddr_un&>(e.storage);
  un.sun_family = AF_UNIX;
  std::strcpy(un.sun_path, path);
  e.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + std::strlen(path) + 1);
  return e;
}

void pass(std::int64_t ns) {
  net::poller set;
  std::array<epoll_event, 1> events;
  BOOST_CHECK_EQUAL(set.wait(events, ns), 0);
}

std::optional<net::resolver::answer> look_up(const std::string& name, const kernel::options& o = {}) {
  kernel k(o);
  net::resolver names;
  std::optional<net::resolver::answer> found;
  names.look_up(name, 80, k.now_ns() + second_ns, [&](net::resolver::answer a) { found = std::move(a); });
  pass(2 * second_ns);
  return found;
}

} // namespace

BOOST_AUTO_TEST_SUITE(simulated_connecting)

BOOST_AUTO_TEST_CASE(tells_a_path_without_a_socket_from_a_name_that_nobody_has) {
  kernel k({});
  net::unique_fd fd;
  BOOST_CHECK_EQUAL(net::connect(unix_path("/none"), true, fd), -ENOENT);
  BOOST_CHECK_EQUAL(net::connect(test::unix_name("none"), true, fd), -ECONNREFUSED);
}

BOOST_AUTO_TEST_CASE(asks_again_while_a_queue_is_full) {
  connected c;
  net::listen(c.listener.get(), 0);
  net::unique_fd first, second;
  net::connect(net::local_endpoint(c.listener.get()), true, first);
  net::connect(net::local_endpoint(c.listener.get()), true, second);
  BOOST_CHECK_EQUAL(c.k.connecting(), 1);
  bool peer_waits = true;
  c.k.connect(net::local_endpoint(c.listener.get()), {}, [&](net::sim::stream*) { peer_waits = false; });
  std::array<char, 1> room;
  BOOST_CHECK(net::would_block(net::receive(second.get(), room.data(), room.size())));
  BOOST_CHECK(net::would_block(net::send(second.get(), "x", 1)));
  net::listen(c.listener.get(), 8);
  pass(2 * second_ns);
  BOOST_CHECK_EQUAL(c.k.connecting(), 0);
  BOOST_CHECK(!peer_waits);
}

BOOST_AUTO_TEST_CASE(resets_a_connection_whose_listener_goes_while_it_is_made) {
  connected c(always({fault::slow_connect}));
  net::unique_fd made;
  BOOST_CHECK_EQUAL(net::connect(net::local_endpoint(c.listener.get()), true, made), -EINPROGRESS);
  net::take_no_more(c.listener.get());
  pass(2 * second_ns);
  std::array<char, 1> room;
  BOOST_CHECK_EQUAL(net::receive(made.get(), room.data(), room.size()), -ECONNRESET);
}

BOOST_AUTO_TEST_CASE(takes_a_file_that_cannot_be_read_for_what_it_is) {
  connected c;
  const net::unique_fd folder(::open("/", O_RDONLY | O_CLOEXEC)), empty(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  BOOST_CHECK_EQUAL(net::send_file(c.ours.get(), folder.get(), 0, 1), -EISDIR);
  BOOST_CHECK_EQUAL(net::send_file(c.ours.get(), empty.get(), 0, 1), 0);
}

BOOST_AUTO_TEST_CASE(finds_addresses_that_follow_from_a_name) {
  const auto here = look_up("localhost"), one = look_up("a.example"), again = look_up("a.example");
  BOOST_REQUIRE(here && one && again);
  BOOST_CHECK_EQUAL(to_string(here->endpoints.at(0)), "127.0.0.1:80");
  BOOST_CHECK_EQUAL(to_string(one->endpoints.at(0)), to_string(again->endpoints.at(0)));
  BOOST_CHECK_EQUAL(look_up("a.invalid")->error, "Name or service not known");
  BOOST_CHECK_EQUAL(look_up("a.example", always({fault::name_fails}))->error, "Temporary failure in name resolution");
}

BOOST_AUTO_TEST_CASE(tells_nobody_who_does_not_wait_any_more) {
  kernel k({});
  bool told = false;
  const auto tell = [&](net::resolver::answer) { told = true; };
  {
    net::resolver names;
    names.look_up("a.example", 80, k.now_ns() + second_ns, tell);
  }
  net::resolver names;
  names.look_up("a.example", 80, k.now_ns() + 1, tell);
  pass(2 * second_ns);
  BOOST_CHECK(!told);
}

BOOST_AUTO_TEST_CASE(takes_recorded_random_bytes_before_those_of_chance) {
  kernel k({});
  bool has = true;
  k.next_random = [&](void* bytes, std::size_t len) {
    if (has) std::memset(bytes, 'r', len);
    return std::exchange(has, false);
  };
  std::array<char, 4> recorded, chance;
  net::random_bytes(recorded.data(), recorded.size());
  net::random_bytes(chance.data(), chance.size());
  BOOST_CHECK_EQUAL(std::string_view(recorded.data(), recorded.size()), "rrrr");
  BOOST_CHECK(recorded != chance);
}

BOOST_AUTO_TEST_SUITE_END()
