// Distributed under the Boost Software License, Version 1.0.
// Tests which addresses are tried for a connection that a plugin makes, and when.
#include "place.hpp"
#include "support/far_end.hpp"
#include "support/local_faults.hpp"
#include "support/names.hpp"
#include "support/served.hpp"

#include "net/listen.hpp"
#include "worker/connector.hpp"

#include <boost/test/unit_test.hpp>

#include <netdb.h>

#include <cerrno>
#include <list>
#include <optional>

using namespace epollhost;
using namespace std::chrono_literals;
using test::echo;
using test::far_end;
using test::names;
using test::nobody;
using test::place;
using test::probe;
using test::served;

BOOST_AUTO_TEST_SUITE(connecting_addresses)

// No event tells when a unix socket's queue has room again.
EPOLLHOST_TEST_EACH_TRIGGER(waits_for_room_in_the_queue_of_a_unix_socket) {
  probe p;
  served s(p, trigger);
  place crowded(0, test::any_unix());
  crowded.fill();
  far_end far, late;
  BOOST_REQUIRE_EQUAL(late.connect(p.host, crowded.text(), 1ms), EH_OK);
  s.until([&] { return late.over(); });
  BOOST_CHECK_EQUAL(late.reason, EH_REASON_TIMEOUT);
  BOOST_CHECK_EQUAL(late.error, crowded.text() + ": Resource temporarily unavailable");
  BOOST_REQUIRE_EQUAL(far.connect(p.host, crowded.text()), EH_OK);
  s.turn();
  BOOST_CHECK(far.calls.empty());
  std::list<net::unique_fd> accepted;
  s.until([&] {
    const net::result r = net::accept(crowded.fd.get());
    if (r >= 0) accepted.emplace_back(int(r));
    return !far.calls.empty();
  });
  BOOST_CHECK_EQUAL(far.calls[0], "open");
}

// A plugin that marks servers as down must not do so for what this machine lacks.
EPOLLHOST_TEST_EACH_TRIGGER(does_not_blame_the_target_for_what_this_machine_lacks) {
  struct {
    int error;
    eh_reason reason;
  } const cases[] = {
      {EADDRNOTAVAIL, EH_REASON_SYSTEM}, {ENOBUFS, EH_REASON_SYSTEM}, {ENOMEM, EH_REASON_SYSTEM},
      {EMFILE, EH_REASON_SYSTEM},        {ENFILE, EH_REASON_SYSTEM},  {ENOSPC, EH_REASON_SYSTEM},
      {EAGAIN, EH_REASON_SYSTEM},        {EPERM, EH_REASON_SYSTEM},   {ECONNREFUSED, EH_REASON_CONNECT},
      {EHOSTUNREACH, EH_REASON_CONNECT}, {ETIMEDOUT, EH_REASON_CONNECT},
  };
  names names;
  names.set("two.test", {"127.0.0.2", "127.0.0.3"});
  for (const auto& c : cases)
    for (const char* const to : {"127.0.0.1:9", "two.test:9"}) {
      probe p;
      served s(p, trigger);
      far_end far;
      BOOST_REQUIRE_EQUAL(far.connect(p.host, to), EH_OK);
      const test::failing_connect fails(c.error);
      s.until([&] { return far.over(); });
      BOOST_CHECK_MESSAGE(far.reason == c.reason, to << ", errno " << c.error << ": " << far.reason);
    }
}

EPOLLHOST_TEST_EACH_TRIGGER(does_not_blame_a_name_that_this_machine_cannot_look_up) {
  struct {
    int error, number;
    eh_reason reason;
  } const cases[] = {
      {EAI_MEMORY, 0, EH_REASON_SYSTEM},      {EAI_SYSTEM, EMFILE, EH_REASON_SYSTEM},
      {EAI_AGAIN, ENFILE, EH_REASON_SYSTEM},  {EAI_AGAIN, 0, EH_REASON_CONNECT},
      {EAI_NONAME, 0, EH_REASON_CONNECT},
  };
  for (const auto& c : cases) {
    names names;
    names.fail("some.test", c.error, c.number);
    probe p;
    served s(p, trigger);
    far_end far;
    BOOST_REQUIRE_EQUAL(far.connect(p.host, "some.test:9"), EH_OK);
    s.until([&] { return far.over(); });
    BOOST_CHECK_MESSAGE(far.reason == c.reason, c.error << ": " << far.reason << ", " << far.error);
  }
}

EPOLLHOST_TEST_EACH_TRIGGER(tries_every_address_of_a_name) {
  names names;
  probe p;
  echo(p);
  served s(p, trigger);
  const std::string port = to_string(s.at()).substr(9);
  names.set("some.test", {"127.0.0.2", "127.0.0.3", "127.0.0.1"}); // the worker listens at the last one alone
  far_end far;
  BOOST_REQUIRE_EQUAL(far.connect(p.host, "some.test" + port), EH_OK);
  s.until([&] { return !far.calls.empty(); });
  BOOST_CHECK_EQUAL(far.calls[0], "open");
}

EPOLLHOST_TEST_EACH_TRIGGER(does_not_wait_for_an_address_that_is_silent) {
  names names;
  probe p;
  std::optional<place> silent;
  net::unique_fd good; // 127.0.0.2, the same port
  while (!good) {      // which may be somebody's
    silent.emplace(0);
    net::endpoint other = silent->endpoint();
    reinterpret_cast<unsigned char*>(&other.storage)[7] = 2;
    net::error_code ec;
    good = net::bind(other, {}, ec);
  }
  BOOST_REQUIRE(!net::listen(good.get(), 5));
  silent->fill();
  names.set("some.test", {"127.0.0.1", "127.0.0.2"});
  served s(p, trigger);
  far_end far;
  const std::int64_t before = p.host->now_ns(p.host);
  BOOST_REQUIRE_EQUAL(far.connect(p.host, "some.test" + silent->port()), EH_OK);
  s.until([&] { return !far.calls.empty(); });
  BOOST_CHECK_EQUAL(far.calls[0], "open");
  BOOST_CHECK_GE(p.host->now_ns(p.host) - before, connector::attempt_delay_ns);
}

EPOLLHOST_TEST_EACH_TRIGGER(fails_in_time_where_the_last_address_fails_at_once_and_another_is_silent) {
  names names;
  probe p;
  place silent(0);
  silent.fill();
  names.set("some.test", {"127.0.0.1", "255.255.255.255"}); // nobody connects to a broadcast
  served s(p, trigger);
  far_end far;
  constexpr std::chrono::milliseconds little_more{connector::attempt_delay_ns / 1'000'000 + 50};
  BOOST_REQUIRE_EQUAL(far.connect(p.host, "some.test" + silent.port(), little_more), EH_OK);
  s.until([&] { return far.over(); });
  BOOST_CHECK_EQUAL(far.reason, EH_REASON_TIMEOUT);
}

EPOLLHOST_TEST_EACH_TRIGGER(tries_no_more_addresses_of_a_name_than_its_bound) {
  for (const std::size_t at : {connector::addresses_max, connector::addresses_max + 1}) {
    names names;
    probe p;
    served s(p, trigger);
    std::vector<std::string> all(at - 1, "127.0.0.9");
    all.push_back("127.0.0.1");
    names.set("some.test", all);
    far_end far;
    BOOST_REQUIRE_EQUAL(far.connect(p.host, "some.test" + to_string(s.at()).substr(9)), EH_OK);
    s.until([&] { return !far.calls.empty(); });
    BOOST_CHECK_EQUAL(far.calls[0], at == connector::addresses_max ? "open" : "close");
  }
}

EPOLLHOST_TEST_EACH_TRIGGER(fails_where_a_name_is_not_known) {
  names names;
  names.set("none.test", {});
  probe p;
  served s(p, trigger);
  far_end far;
  BOOST_REQUIRE_EQUAL(far.connect(p.host, "none.test:80"), EH_OK);
  s.until([&] { return far.over(); });
  BOOST_CHECK_EQUAL(far.reason, EH_REASON_CONNECT);
  BOOST_CHECK_EQUAL(far.error, "cannot look up none.test: Name or service not known");
}

EPOLLHOST_TEST_EACH_TRIGGER(does_not_wait_for_a_name_longer_than_its_time) {
  names names;
  names.hang("slow.test");
  probe p;
  served s(p, trigger);
  far_end far, closed;
  BOOST_REQUIRE_EQUAL(far.connect(p.host, "slow.test:80", 5ms), EH_OK);
  BOOST_REQUIRE_EQUAL(closed.connect(p.host, "slow.test:80"), EH_OK);
  s.until([&] { return far.over() && names.hanging() >= 1; });
  BOOST_CHECK_EQUAL(far.reason, EH_REASON_TIMEOUT);
  BOOST_CHECK_EQUAL(far.error, "the name was not looked up in time");
  BOOST_CHECK_EQUAL(p.host->close(p.host, closed.conn, EH_CLOSE), EH_OK);
  s.until([&] { return closed.over(); });
  names.release(); // the answers find nobody
  s.until([&] { return names.hanging() == 0; });
  s.turn();
}

EPOLLHOST_TEST_EACH_TRIGGER(ends_while_a_look_up_hangs) {
  names names;
  names.hang("slow.test");
  probe p;
  far_end far;
  {
    served s(p, trigger);
    BOOST_REQUIRE_EQUAL(far.connect(p.host, "slow.test:80"), EH_OK);
    s.until([&] { return names.hanging() == 1; });
  }
  BOOST_CHECK_EQUAL(far.reason, EH_REASON_DRAIN);
}

BOOST_AUTO_TEST_SUITE_END()
