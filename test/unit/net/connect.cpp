// Distributed under the Boost Software License, Version 1.0.
// Tests the seam to the kernel: outgoing connections, the text of their addresses, names.
#include "net/connect.hpp"

#include "net/clock.hpp"
#include "net/listen.hpp"
#include "net/resolver.hpp"

#include "support/names.hpp"
#include "support/watch.hpp"

#include <boost/test/unit_test.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>

#include <future>
#include <limits>
#include <utility>

using namespace epollhost;

namespace {

constexpr auto for_ever = std::numeric_limits<std::int64_t>::max();

net::endpoint loopback(std::uint16_t port) {
  net::endpoint e;
  auto& in = reinterpret_cast<sockaddr_in&>(e.storage);
  in.sin_family = AF_INET;
  in.sin_port = htons(port);
  in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  e.size = sizeof in;
  return e;
}

net::unique_fd bound() {
  net::error_code ec;
  net::unique_fd fd = net::bind(loopback(0), {}, ec);
  BOOST_REQUIRE(!ec);
  return fd;
}

// The outcome, waited for.
net::result connect(const net::endpoint& to, net::unique_fd& fd) {
  const net::result r = net::connect(to, false, fd);
  if (r != -EINPROGRESS) return r;
  pollfd p{fd.get(), POLLOUT, 0};
  BOOST_REQUIRE_EQUAL(::poll(&p, 1, -1), 1);
  return net::finish_connect(fd.get());
}

net::resolver::answer look_up(net::resolver& r, const std::string& name) {
  std::promise<net::resolver::answer> told;
  r.look_up(name, 80, for_ever, [&](net::resolver::answer a) { told.set_value(std::move(a)); });
  return told.get_future().get();
}

std::vector<std::string> texts(const net::resolver::answer& a) {
  std::vector<std::string> out;
  for (const auto& e : a.endpoints) out.push_back(to_string(e));
  return out;
}

std::string fault_of(std::string_view text) {
  std::string fault;
  BOOST_TEST_CONTEXT(text) { BOOST_CHECK(!net::parse_target(text, fault)); }
  return fault;
}

} // namespace

BOOST_AUTO_TEST_SUITE(connecting)

BOOST_AUTO_TEST_CASE(connects_to_a_listener) {
  const net::unique_fd listener = bound();
  BOOST_REQUIRE(!net::listen(listener.get(), 1));
  net::unique_fd fd;
  BOOST_CHECK_EQUAL(connect(net::local_endpoint(listener.get()), fd), 0);
  BOOST_CHECK_EQUAL(to_string(net::peer_endpoint(fd.get())), to_string(net::local_endpoint(listener.get())));
}

BOOST_AUTO_TEST_CASE(says_that_nobody_listens) {
  const net::unique_fd not_listening = bound();
  net::unique_fd fd;
  BOOST_CHECK_EQUAL(connect(net::local_endpoint(not_listening.get()), fd), -ECONNREFUSED);
}

// A port of the range that the kernel gives to clients may be our own: then TCP opens a connection to itself.
BOOST_AUTO_TEST_CASE(refuses_a_connection_to_itself) {
  net::unique_fd fd = bound();
  const net::endpoint own = net::local_endpoint(fd.get());
  if (::connect(fd.get(), own.data(), own.size) != 0) {
    BOOST_REQUIRE_EQUAL(errno, EINPROGRESS);
    pollfd p{fd.get(), POLLOUT, 0};
    BOOST_REQUIRE_EQUAL(::poll(&p, 1, -1), 1);
  }
  BOOST_CHECK_EQUAL(net::finish_connect(fd.get()), -ECONNREFUSED);
}

BOOST_AUTO_TEST_CASE(reads_every_form_of_an_address) {
  std::string fault;
  for (const char* text : {"127.0.0.1:80", "[::1]:65535", "[2001:db8::1]:1", "unix:/run/x", "unix:@x", "unix:x"}) {
    const auto to = net::parse_target(text, fault);
    BOOST_REQUIRE_MESSAGE(to && to->endpoint, text << ' ' << fault);
    BOOST_CHECK_EQUAL(to_string(*to->endpoint), text);
  }
  for (const char* name : {"localhost", "a-b.example.org", "x_y", "1and1.com", "example.org."}) {
    const auto to = net::parse_target(std::string(name) + ":8080", fault);
    BOOST_REQUIRE_MESSAGE(to && !to->endpoint, name << ' ' << fault);
    BOOST_CHECK_EQUAL(to->name, name);
    BOOST_CHECK_EQUAL(to->port, 8080);
  }
}

BOOST_AUTO_TEST_CASE(says_what_is_wrong_with_an_address) {
  const std::pair<std::string, const char*> cases[] = {
      {"", "has no port"},
      {"localhost", "has no port"},
      {"[::1]", "has no port"},
      {"[::1:80", "has no port"},
      {":80", "is no address"},
      {"localhost:", "no port from 1 to 65535"},
      {"localhost:0", "no port from 1 to 65535"},
      {"localhost:65536", "no port from 1 to 65535"},
      {"localhost:8o", "no port from 1 to 65535"},
      {"localhost:+8", "no port from 1 to 65535"},
      {"::1:80", "write [::1]:80"},
      {"[127.0.0.1]:80", "is no address"},
      {"[name]:80", "is no address"},
      {"300.1.1.1:80", "is no address"},
      {"1.2.3:80", "is no address"},
      {"a b:80", "is no address"},
      {"a:b:80", "is ambiguous"},
      {"http://x:80", "is a URL; write the address without \"http://\": x:80"},
      {"https://10.0.0.1:80/index", "write the address without \"https://\": 10.0.0.1:80"},
      {"udp:10.0.0.1:53", "begins with \"udp:\""},
      {"tls:name:53", "write the address alone: name:53"},
      {std::string(254, 'x') + ":80", "is no address"},
      {std::string("a\0b:80", 6), "zero byte"},
      {"unix:", "has no path"},
      {"unix:@", "has no path"},
      {"unix:/" + std::string(107, 'x'), "longer than 107 bytes"},
  };
  for (const auto& [text, fault] : cases) BOOST_TEST_CONTEXT(text) {
      BOOST_CHECK_NE(fault_of(text).find(fault), std::string::npos);
    }
  std::string fault;
  BOOST_CHECK(net::parse_target(std::string(253, 'x') + ":80", fault));
  BOOST_CHECK(net::parse_target("unix:/" + std::string(106, 'x'), fault));
}

BOOST_AUTO_TEST_CASE(looks_up_what_is_in_etc_hosts) {
  net::resolver r;
  const auto all = texts(look_up(r, "localhost"));
  BOOST_REQUIRE(!all.empty());
  BOOST_CHECK(std::find(all.begin(), all.end(), "127.0.0.1:80") != all.end());
}

BOOST_AUTO_TEST_CASE(says_that_a_name_is_not_there) {
  test::names names;
  names.set("none.test", {});
  net::resolver r;
  const auto found = look_up(r, "none.test");
  BOOST_CHECK(found.endpoints.empty());
  BOOST_CHECK_EQUAL(found.error, "Name or service not known");
}

// RFC 8305, section 4.
BOOST_AUTO_TEST_CASE(puts_families_in_turn) {
  test::names names;
  names.set("both.test", {"2001:db8::1", "2001:db8::2", "192.0.2.1", "192.0.2.2", "2001:db8::3", "2001:db8::4"});
  net::resolver r;
  const std::vector<std::string> expected = {"[2001:db8::1]:80", "192.0.2.1:80",     "[2001:db8::2]:80",
                                             "192.0.2.2:80",     "[2001:db8::3]:80", "[2001:db8::4]:80"};
  const auto found = texts(look_up(r, "both.test"));
  BOOST_CHECK_EQUAL_COLLECTIONS(found.begin(), found.end(), expected.begin(), expected.end());
}

BOOST_AUTO_TEST_CASE(answers_others_while_some_look_ups_hang) {
  test::names names;
  names.hang("slow.test");
  names.set("quick.test", {"192.0.2.1"});
  net::resolver r;
  for (std::size_t i = 1; i < net::resolver::threads_max; ++i) r.look_up("slow.test", 80, for_ever, [](auto) {});
  BOOST_CHECK_EQUAL(look_up(r, "quick.test").endpoints.size(), 1);
}

BOOST_AUTO_TEST_CASE(ends_while_look_ups_hang_and_calls_nobody_then) {
  test::names names;
  names.hang("slow.test");
  bool called = false;
  {
    net::resolver r;
    r.look_up("slow.test", 80, for_ever, [&](auto) { called = true; });
    r.look_up("slow.test", 80, for_ever, [&](auto) { called = true; });
    while (names.hanging() < 2) ::sched_yield();
  }
  names.release();
  while (names.hanging() > 0) ::sched_yield();
  BOOST_CHECK(!called);
}

BOOST_AUTO_TEST_CASE(is_full_at_its_bound_and_not_before) {
  test::names names;
  names.hang("slow.test");
  net::resolver r;
  for (std::size_t i = 0; i < net::resolver::pending_max; ++i) {
    BOOST_REQUIRE(!r.is_full());
    r.look_up("slow.test", 80, for_ever, [](auto) {});
  }
  BOOST_CHECK(r.is_full());
}

BOOST_AUTO_TEST_CASE(asks_for_nobody_whose_time_is_over) {
  test::names names;
  names.hang("slow.test");
  names.set("late.test", {"192.0.2.1"});
  net::resolver r;
  for (std::size_t i = 0; i < net::resolver::threads_max; ++i) r.look_up("slow.test", 80, for_ever, [](auto) {});
  bool called = false;
  r.look_up("late.test", 80, net::monotonic_ns(), [&](auto) { called = true; });
  std::promise<void> last;
  r.look_up("late.test", 80, for_ever, [&](auto) { last.set_value(); });
  names.release();
  last.get_future().get();
  BOOST_CHECK(!called);
}

BOOST_AUTO_TEST_CASE(keeps_signals_from_its_threads) {
  sigset_t before, after;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &before);
  net::resolver r;
  std::promise<bool> told;
  r.look_up("localhost", 80, for_ever, [&](auto) {
    sigset_t mine;
    ::pthread_sigmask(SIG_SETMASK, nullptr, &mine);
    told.set_value(::sigismember(&mine, SIGTERM) && ::sigismember(&mine, SIGALRM) && !::sigismember(&mine, SIGSEGV));
  });
  BOOST_CHECK(told.get_future().get());
  ::pthread_sigmask(SIG_SETMASK, nullptr, &after);
  for (const int s : {SIGTERM, SIGALRM, SIGCHLD})
    BOOST_CHECK_EQUAL(::sigismember(&before, s), ::sigismember(&after, s));
}

BOOST_AUTO_TEST_SUITE_END()
