// Distributed under the Boost Software License, Version 1.0.
// Tests relays: bytes, ends and resets pass from one connection to the other, and nobody holds more than a little.
#include "support/scarce_memory.hpp"
#include "support/served.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/socket.h>

using namespace epollhost;
using namespace std::chrono_literals;
using test::client;
using test::pattern;
using test::probe;
using test::quiet_turns;
using test::served;

namespace {

// Two clients of one worker, relayed to each other.
struct pair {
  explicit pair(loop::trigger trigger, const listen_address& where = test::any_port(), const served::change& f = {})
      : host(p, trigger,
             [&](worker_settings& w) {
               w.listen = {where};
               if (f) f(w);
             }),
        a(host.at()) {
    host.until([&] { return p.opened.size() == 1; });
    b.emplace(host.at());
    host.until([&] { return p.opened.size() == 2; });
  }
  eh_status relay() { return p.host->relay(p.host, p.opened[0], p.opened[1]); }
  eh_reason reason(std::size_t which) const {
    for (const auto& c : p.closed)
      if (c.conn == p.opened[which]) return c.reason;
    return 9999;
  }
  void until_over() {
    host.until([&] {
      a.receive();
      b->receive();
      return p.closed.size() == 2;
    });
  }

  probe p;
  served host;
  client a;
  std::optional<client> b;
};

} // namespace

BOOST_AUTO_TEST_SUITE(relaying)

EPOLLHOST_TEST_EACH_TRIGGER(passes_bytes_and_ends_both_ways) {
  for (const auto& where : {test::any_port(), test::any_unix()}) {
    pair r(trigger, where);
    BOOST_REQUIRE_EQUAL(r.relay(), EH_OK);
    const auto calls = r.p.calls[probe_data];
    r.a.send("to b");
    r.b->send("to a");
    r.host.receive(*r.b, 4);
    r.host.receive(r.a, 4);
    BOOST_CHECK_EQUAL(r.b->received, "to b");
    BOOST_CHECK_EQUAL(r.a.received, "to a");
    r.a.finish(); // half-close: b may go on talking
    r.host.receive_end(*r.b);
    BOOST_CHECK(r.b->ended && r.p.closed.empty());
    r.b->send(" and more");
    r.host.receive(r.a, 13);
    r.b->finish();
    r.until_over();
    BOOST_CHECK(r.a.ended && r.b->ended);
    BOOST_CHECK_EQUAL(r.reason(0), EH_REASON_END);
    BOOST_CHECK_EQUAL(r.reason(1), EH_REASON_END);
    BOOST_CHECK_EQUAL(r.p.calls[probe_data], calls);
  }
}

EPOLLHOST_TEST_EACH_TRIGGER(passes_much_in_both_directions_at_once) {
  for (const auto& where : {test::any_port(), test::any_unix()}) {
    pair r(trigger, where);
    BOOST_REQUIRE_EQUAL(r.relay(), EH_OK);
    const std::string there = pattern(12'000'000), back = std::string(there.rbegin(), there.rend());
    std::string_view to_b = there, to_a = back;
    r.host.until([&] {
      to_b.remove_prefix(r.a.send_some(to_b.substr(0, 1'000'000)));
      to_a.remove_prefix(r.b->send_some(to_a.substr(0, 1'000'000)));
      r.a.receive();
      r.b->receive();
      return r.a.received.size() == back.size() && r.b->received.size() == there.size();
    });
    BOOST_CHECK(r.b->received == there);
    BOOST_CHECK(r.a.received == back);
    BOOST_CHECK_EQUAL(r.host.counters().bytes_in, 24'000'000);
    BOOST_CHECK_EQUAL(r.host.counters().bytes_out, 24'000'000);
  }
}

EPOLLHOST_TEST_EACH_TRIGGER(says_when_it_has_last_moved_a_byte) {
  pair r(trigger);
  const auto moved = [&](int which) { return r.p.host->relay_moved_ns(r.p.host, r.p.opened[std::size_t(which)]); };
  BOOST_CHECK_EQUAL(moved(0), EH_INVALID);
  const std::int64_t before = r.p.host->now_ns(r.p.host);
  r.host.turn();
  BOOST_REQUIRE_EQUAL(r.relay(), EH_OK);
  std::int64_t last = moved(0);
  BOOST_CHECK_GE(last, before);
  BOOST_CHECK_EQUAL(moved(1), last);
  for (const bool there : {true, false}) {
    r.host.rest(2ms);
    BOOST_CHECK_EQUAL(moved(0), last);
    client &from = there ? r.a : *r.b, &to = there ? *r.b : r.a;
    from.send("x");
    r.host.receive(to, 1);
    BOOST_CHECK_GT(moved(0), last);
    BOOST_CHECK_EQUAL(moved(1), moved(0));
    last = moved(0);
  }
  r.a.reset();
  r.host.until([&] { return r.p.closed.size() == 2; });
  BOOST_CHECK_EQUAL(moved(1), EH_GONE);
}

// splice(2) stops in front of an urgent byte as if there were nothing.
EPOLLHOST_TEST_EACH_TRIGGER(passes_urgent_bytes_where_they_stand) {
  pair r(trigger);
  BOOST_REQUIRE_EQUAL(r.relay(), EH_OK);
  const std::string part = pattern(4'000'000);
  for (int i = 0; i < 3; ++i) {
    std::string_view left = part;
    r.host.until([&] {
      left.remove_prefix(r.a.send_some(left.substr(0, 1'000'000)));
      r.b->receive();
      return left.empty();
    });
    r.host.until([&] {
      r.b->receive();
      return ::send(r.a.fd(), "!", 1, MSG_OOB | MSG_NOSIGNAL) == 1;
    });
  }
  r.host.receive(*r.b, 3 * (part.size() + 1));
  BOOST_CHECK(r.b->received == part + "!" + part + "!" + part + "!");
}

EPOLLHOST_TEST_EACH_TRIGGER(holds_little_for_a_side_that_does_not_read) {
  pair r(trigger);
  BOOST_REQUIRE_EQUAL(r.relay(), EH_OK);
  const std::string much = pattern(1'000'000);
  std::size_t sent = 0;
  for (int quiet = 0; quiet < 50; ++quiet) { // until nothing fits any more, anywhere
    const std::size_t n = r.a.send_some(std::string_view(much).substr(sent % much.size()));
    sent += n;
    if (n) quiet = 0;
    r.host.turn();
    BOOST_REQUIRE_LE(r.p.host->queued(r.p.host, r.p.opened[1]), 2 * 1024 * 1024);
  }
  BOOST_CHECK_LE(r.host.rest(2ms), quiet_turns); // and it does not spin meanwhile
  r.b->send("still here");
  r.host.receive(r.a, 10); // the other direction goes on
  r.host.receive(*r.b, sent);
  std::string expected;
  while (expected.size() < sent) expected += much;
  expected.resize(sent);
  BOOST_CHECK(r.b->received == expected);
}

EPOLLHOST_TEST_EACH_TRIGGER(passes_what_was_unread_and_what_was_unconsumed) {
  pair r(trigger);
  r.p.data = [&](eh_io& io) {
    if (io.conn == r.p.opened[0]) {
      io.in_used = 2;
      BOOST_CHECK_EQUAL(r.relay(), EH_OK); // from inside the hook
      return eh_next(EH_KEEP);
    }
    io.want = 100;
    return eh_next(EH_KEEP);
  };
  r.b->send("for a");
  r.host.until([&] { return r.p.calls[probe_data] == 1; });
  r.a.send("..for b");
  r.host.receive(*r.b, 5);
  r.host.receive(r.a, 5);
  BOOST_CHECK_EQUAL(r.b->received, "for b");
  BOOST_CHECK_EQUAL(r.a.received, "for a");
}

EPOLLHOST_TEST_EACH_TRIGGER(lets_output_that_was_queued_go_first) {
  pair r(trigger);
  const std::string greeting = pattern(3'000'000);
  BOOST_REQUIRE_EQUAL(r.p.host->write(r.p.host, r.p.opened[1], greeting.data(), greeting.size()), EH_OK);
  BOOST_REQUIRE_EQUAL(r.relay(), EH_OK);
  r.a.send("relayed");
  r.host.receive(*r.b, greeting.size() + 7);
  BOOST_CHECK(r.b->received == greeting + "relayed");
  BOOST_CHECK_EQUAL(r.p.calls[probe_room], 0);
}

EPOLLHOST_TEST_EACH_TRIGGER(passes_an_end_that_came_before_the_relay) {
  pair r(trigger);
  r.p.data = [](eh_io& io) { return io.in_used = io.in_len, eh_next(EH_HALF_OPEN); };
  r.a.finish();
  r.host.until([&] { return r.p.calls[probe_data] == 1; });
  BOOST_REQUIRE_EQUAL(r.relay(), EH_OK);
  r.host.receive_end(*r.b);
  BOOST_CHECK(r.b->ended);
}

EPOLLHOST_TEST_EACH_TRIGGER(passes_a_reset_on) {
  pair r(trigger);
  BOOST_REQUIRE_EQUAL(r.relay(), EH_OK);
  r.a.send("x");
  r.host.receive(*r.b, 1);
  r.a.reset();
  r.until_over();
  BOOST_CHECK_EQUAL(r.b->error, ECONNRESET);
  BOOST_CHECK_EQUAL(r.reason(0), EH_REASON_RESET);
  BOOST_CHECK_EQUAL(r.reason(1), EH_REASON_RELAY);
}

EPOLLHOST_TEST_EACH_TRIGGER(delivers_the_last_bytes_of_a_unix_peer_that_has_gone) {
  pair r(trigger, test::any_unix());
  BOOST_REQUIRE_EQUAL(r.relay(), EH_OK);
  r.a.send("the last word");
  r.a.close();
  r.until_over();
  BOOST_CHECK_EQUAL(r.b->received, "the last word");
  BOOST_CHECK(r.b->ended && !r.b->error);
}

EPOLLHOST_TEST_EACH_TRIGGER(ends_the_other_side_when_the_plugin_closes_one) {
  for (const eh_next how : {EH_CLOSE, EH_ABORT}) {
    pair r(trigger);
    BOOST_REQUIRE_EQUAL(r.relay(), EH_OK);
    r.a.send("x");
    r.host.receive(*r.b, 1);
    BOOST_CHECK_EQUAL(r.p.end_by_call(r.p.opened[0], how), EH_OK);
    r.until_over();
    BOOST_CHECK_EQUAL(r.b->error, how == EH_ABORT ? ECONNRESET : 0);
    BOOST_CHECK_EQUAL(r.reason(0), EH_REASON_PLUGIN);
    BOOST_CHECK_EQUAL(r.reason(1), EH_REASON_RELAY);
  }
}

EPOLLHOST_TEST_EACH_TRIGGER(ends_both_where_one_takes_nothing_for_too_long) {
  pair r(trigger, test::any_port(), [](auto& w) { w.limits.send_timeout = 20ms; });
  BOOST_REQUIRE_EQUAL(r.relay(), EH_OK);
  const std::string much = pattern(1'000'000);
  r.host.until([&] {
    r.a.send_some(much);
    return r.p.closed.size() == 2;
  });
  BOOST_CHECK_EQUAL(r.reason(1), EH_REASON_TIMEOUT);
  BOOST_CHECK_EQUAL(r.reason(0), EH_REASON_RELAY);
}

EPOLLHOST_TEST_EACH_TRIGGER(calls_the_other_hooks_as_ever) {
  pair r(trigger);
  BOOST_REQUIRE_EQUAL(r.relay(), EH_OK);
  r.p.timer = [&](eh_io& io) { return io.arg == 5 ? r.p.host->pause(r.p.host, io.conn), eh_next(EH_KEEP) : 0; };
  r.p.host->timer_start(r.p.host, r.p.opened[0], 1, 5);
  r.p.host->wake(r.p.host, r.p.opened[1], 6);
  r.host.until([&] { return r.p.calls[probe_timer] == 1 && r.p.calls[probe_wake] == 1; });
  r.a.send("paused");
  r.host.rest(1ms);
  r.b->receive();
  BOOST_CHECK_EQUAL(r.b->received, "");
  BOOST_CHECK_EQUAL(r.p.host->resume(r.p.host, r.p.opened[0]), EH_OK);
  r.host.receive(*r.b, 6);
  r.p.drain = [](eh_io&) { return eh_next(EH_CLOSE); };
  r.host.worker->drain();
  r.until_over();
  BOOST_CHECK_GE(r.p.calls[probe_drain], 1);
}

EPOLLHOST_TEST_EACH_TRIGGER(refuses_what_cannot_be_relayed) {
  pair r(trigger);
  const eh_host* const h = r.p.host;
  BOOST_CHECK_EQUAL(h->relay(h, r.p.opened[0], r.p.opened[0]), EH_INVALID);
  BOOST_CHECK_EQUAL(h->relay(h, r.p.opened[0], 12345), EH_GONE);
  BOOST_CHECK_EQUAL(h->relay(h, 0, r.p.opened[0]), EH_GONE);
  BOOST_CHECK_EQUAL(r.relay(), EH_OK);
  BOOST_CHECK_EQUAL(r.relay(), EH_INVALID);
  r.p.end_by_call(r.p.opened[0], EH_ABORT);
  r.until_over();
  BOOST_CHECK_EQUAL(r.relay(), EH_GONE);
}

// All relays share one pipe: what one of them could not queue must not come out of another.
EPOLLHOST_TEST_EACH_TRIGGER(keeps_streams_apart_where_memory_runs_out) {
  pair r(trigger);
  client c(r.host.at());
  r.host.until([&] { return r.p.opened.size() == 3; });
  client d(r.host.at());
  r.host.until([&] { return r.p.opened.size() == 4; });
  BOOST_REQUIRE_EQUAL(r.relay(), EH_OK);
  BOOST_REQUIRE_EQUAL(r.p.host->relay(r.p.host, r.p.opened[2], r.p.opened[3]), EH_OK);
  const std::string lost(1 << 20, 'L');
  for (int i = 0; i < 3; ++i) { // until it is spliced
    r.host.send(r.a, lost);
    r.host.receive(*r.b, lost.size() * std::size_t(i + 1));
  }
  for (bool ran_out = false; !ran_out;) { // b does not read any more
    r.a.send_some(lost);
    const test::scarce_memory none(0);
    r.host.turn();
    ran_out = none.ran_out();
  }
  r.host.until([&] { return r.p.closed.size() == 2; });
  BOOST_CHECK(r.reason(0) == EH_REASON_SYSTEM || r.reason(0) == EH_REASON_RELAY);
  const std::string clean = pattern(4 << 20);
  for (std::size_t at = 0; at < clean.size(); at += 1 << 20) {
    r.host.send(c, std::string_view(clean).substr(at, 1 << 20));
    r.host.receive(d, at + (1 << 20));
  }
  BOOST_CHECK(d.received == clean);
}

BOOST_AUTO_TEST_SUITE_END()
