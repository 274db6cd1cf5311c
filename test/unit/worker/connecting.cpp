// Distributed under the Boost Software License, Version 1.0.
// Tests the connections that a plugin makes by itself: how they are made, how they fail, how they end.
#include "place.hpp"
#include "support/far_end.hpp"
#include "support/few_descriptors.hpp"
#include "support/served.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace epollhost;
using namespace std::chrono_literals;
using test::client;
using test::echo;
using test::far_end;
using test::few_descriptors;
using test::nobody;
using test::place;
using test::probe;
using test::served;

namespace {

eh_next say(eh_io& io, std::string_view text) {
  std::copy(text.begin(), text.end(), io.out);
  io.out_used = text.size();
  return EH_KEEP;
}

void release_flag(void* flag) { *static_cast<bool*>(flag) = true; }

} // namespace

BOOST_AUTO_TEST_SUITE(connecting)

EPOLLHOST_TEST_EACH_TRIGGER(talks_with_whom_it_connected_to) {
  for (const bool local : {false, true}) {
    probe p;
    echo(p);
    served s(p, trigger, [&](auto& w) { w.listen = {local ? test::any_unix() : test::any_port()}; });
    far_end far;
    far.open = [](eh_io& io) { return say(io, "hello"); };
    BOOST_REQUIRE_EQUAL(far.connect(p.host, to_string(s.at())), EH_OK);
    BOOST_CHECK(far.calls.empty()); // nothing comes inside the call
    s.until([&] { return far.received == "hello"; });
    BOOST_CHECK_EQUAL(far.arg, 77);
    char address[200];
    BOOST_CHECK_GT(p.host->address(p.host, far.conn, 0, address, sizeof address), 0);
    BOOST_CHECK_EQUAL(address, to_string(s.at()));
    BOOST_CHECK_EQUAL(p.end_by_call(p.opened.at(0), EH_CLOSE), EH_OK);
    s.until([&] { return far.over() && p.closed.size() == 1; });
    BOOST_CHECK_EQUAL(far.reason, EH_REASON_END);
    BOOST_CHECK_EQUAL(far.calls.front(), "open");
    BOOST_CHECK_EQUAL(s.counters().accepted + s.counters().connects,
                      s.counters().closed + s.counters().connects_closed);
    BOOST_CHECK_EQUAL(s.counters().connect_failures, 0);
  }
}

EPOLLHOST_TEST_EACH_TRIGGER(sends_first_what_was_written_before_it_was_there) {
  probe p;
  echo(p);
  served s(p, trigger);
  far_end far;
  far.open = [](eh_io& io) { return say(io, "third"); };
  BOOST_REQUIRE_EQUAL(far.connect(p.host, to_string(s.at())), EH_OK);
  BOOST_CHECK_EQUAL(p.host->write(p.host, far.conn, "first ", 6), EH_OK);
  bool released = false;
  BOOST_CHECK_EQUAL(p.host->write_ref(p.host, far.conn, "second ", 7, release_flag, &released), EH_OK);
  BOOST_CHECK_EQUAL(p.host->queued(p.host, far.conn), 13);
  s.until([&] { return far.received == "first second third"; });
  BOOST_CHECK(released);
}

EPOLLHOST_TEST_EACH_TRIGGER(gives_up_what_was_written_to_a_connection_that_fails) {
  probe p;
  served s(p, trigger);
  const place refusing = nobody();
  far_end far;
  bool released = false;
  far.closed = [&] { BOOST_CHECK(released); };
  BOOST_REQUIRE_EQUAL(far.connect(p.host, refusing.text()), EH_OK);
  BOOST_CHECK_EQUAL(p.host->write_ref(p.host, far.conn, "x", 1, release_flag, &released), EH_OK);
  s.until([&] { return far.over(); });
}

EPOLLHOST_TEST_EACH_TRIGGER(bounds_what_is_written_before_it_is_there) {
  probe p;
  served s(p, trigger, [](auto& w) { w.limits.output_max = 20'000; });
  far_end far;
  BOOST_REQUIRE_EQUAL(far.connect(p.host, to_string(s.at())), EH_OK);
  const std::string much(20'000, 'x');
  BOOST_CHECK_EQUAL(p.host->write(p.host, far.conn, much.data(), much.size()), EH_OK);
  BOOST_CHECK_EQUAL(p.host->write(p.host, far.conn, "x", 1), EH_OVER_LIMIT);
}

EPOLLHOST_TEST_EACH_TRIGGER(tells_by_close_alone_that_nobody_listens) {
  probe p;
  served s(p, trigger);
  const place refusing = nobody();
  far_end far;
  BOOST_REQUIRE_EQUAL(far.connect(p.host, refusing.text()), EH_OK);
  BOOST_CHECK(!far.over()); // not inside the call
  s.until([&] { return far.over(); });
  BOOST_CHECK_EQUAL(far.reason, EH_REASON_CONNECT);
  BOOST_CHECK_EQUAL(far.error, refusing.text() + ": Connection refused");
  BOOST_REQUIRE_EQUAL(far.calls.size(), 1);
  BOOST_CHECK_EQUAL(far.calls[0], "close");
  BOOST_CHECK_EQUAL(p.host->write(p.host, far.conn, "x", 1), EH_GONE);
  BOOST_CHECK_EQUAL(s.counters().connect_failures, 1);
  BOOST_CHECK_EQUAL(s.worker->open_connections(), 0);
  char text[100] = "?";
  BOOST_CHECK_EQUAL(p.host->connect_error(p.host, text, sizeof text), 0); // no `close` runs
  BOOST_CHECK_EQUAL(text, "");
}

EPOLLHOST_TEST_EACH_TRIGGER(cuts_the_reason_to_the_room_for_it) {
  probe p;
  served s(p, trigger);
  far_end far;
  std::string cut;
  far.closed = [&] {
    char text[5];
    BOOST_CHECK_EQUAL(p.host->connect_error(p.host, text, sizeof text), 4);
    cut = text;
    BOOST_CHECK_EQUAL(p.host->connect_error(p.host, text, 0), EH_INVALID);
    BOOST_CHECK_EQUAL(p.host->connect_error(p.host, nullptr, 5), EH_INVALID);
  };
  BOOST_REQUIRE_EQUAL(far.connect(p.host, nobody().text()), EH_OK);
  s.until([&] { return far.over(); });
  BOOST_CHECK_EQUAL(cut, "127.");
}

EPOLLHOST_TEST_EACH_TRIGGER(fails_when_its_time_is_over) {
  probe p;
  served s(p, trigger);
  place silent(0);
  silent.fill();
  far_end far;
  const std::int64_t before = p.host->now_ns(p.host);
  BOOST_REQUIRE_EQUAL(far.connect(p.host, silent.text(), 30ms), EH_OK);
  s.until([&] { return far.over(); });
  BOOST_CHECK_GE(p.host->now_ns(p.host) - before, 30'000'000);
  BOOST_CHECK_EQUAL(far.reason, EH_REASON_TIMEOUT);
  BOOST_CHECK_EQUAL(far.error, silent.text() + ": no answer in time");
}

EPOLLHOST_TEST_EACH_TRIGGER(has_no_end_where_the_time_is_longer_than_the_clock) {
  probe p;
  echo(p);
  served s(p, trigger);
  far_end far;
  far.open = [](eh_io& io) { return say(io, "hello"); };
  BOOST_REQUIRE_EQUAL(far.connect(p.host, to_string(s.at()), std::chrono::nanoseconds::max()), EH_OK);
  s.until([&] { return far.received == "hello" || far.over(); });
  BOOST_CHECK(!far.over());
}

EPOLLHOST_TEST_EACH_TRIGGER(gives_up_when_it_is_closed_while_connecting) {
  for (const eh_next how : {EH_CLOSE, EH_ABORT}) {
    probe p;
    served s(p, trigger);
    place silent(0);
    silent.fill();
    far_end far;
    BOOST_REQUIRE_EQUAL(far.connect(p.host, silent.text()), EH_OK);
    s.turn();
    BOOST_CHECK_EQUAL(p.host->close(p.host, far.conn, how), EH_OK);
    BOOST_CHECK(!far.over());
    BOOST_CHECK_EQUAL(p.host->close(p.host, far.conn, how), EH_GONE);
    s.until([&] { return far.over(); });
    BOOST_CHECK_EQUAL(far.reason, EH_REASON_PLUGIN);
    BOOST_CHECK_EQUAL(far.error, "");
    BOOST_CHECK_EQUAL(far.calls.size(), 1);
  }
}

EPOLLHOST_TEST_EACH_TRIGGER(fails_without_descriptors_and_leaves_the_others_alone) {
  probe p;
  echo(p);
  served s(p, trigger);
  client c(s.at());
  s.until([&] { return p.opened.size() == 1; });
  const place somewhere(5);
  far_end far;
  {
    const few_descriptors none(0);
    BOOST_REQUIRE_EQUAL(far.connect(p.host, somewhere.text()), EH_OK);
    s.until([&] { return far.over(); });
  }
  BOOST_CHECK_EQUAL(far.reason, EH_REASON_SYSTEM);
  BOOST_CHECK_EQUAL(far.error, somewhere.text() + ": Too many open files");
  c.send("x");
  s.receive(c, 1);
}

EPOLLHOST_TEST_EACH_TRIGGER(stays_paused_until_it_is_resumed) {
  probe p;
  p.open = [](eh_io& io) { return say(io, "greeting"); };
  served s(p, trigger);
  far_end far;
  BOOST_REQUIRE_EQUAL(far.connect(p.host, to_string(s.at())), EH_OK);
  BOOST_CHECK_EQUAL(p.host->pause(p.host, far.conn), EH_OK);
  s.until([&] { return !far.calls.empty() && p.opened.size() == 1; });
  s.rest(1ms);
  BOOST_CHECK_EQUAL(far.received, "");
  BOOST_CHECK_EQUAL(p.host->resume(p.host, far.conn), EH_OK);
  s.until([&] { return far.received == "greeting"; });
}

EPOLLHOST_TEST_EACH_TRIGGER(finishes_connecting_while_the_worker_drains) {
  probe p;
  p.drain = [](eh_io&) { return eh_next(EH_CLOSE); };
  served s(p, trigger, [](auto& w) { w.listen.push_back(test::any_port()); });
  const place somewhere(5);
  far_end far;
  far.open = [](eh_io& io) {
    BOOST_CHECK(io.flags & EH_DRAINING);
    return eh_next(EH_KEEP);
  };
  BOOST_REQUIRE_EQUAL(far.connect(p.host, somewhere.text()), EH_OK);
  s.worker->drain();
  s.until([&] { return far.calls.size() == 2; });
  BOOST_CHECK_EQUAL(far.calls[0], "open");
  BOOST_CHECK_EQUAL(far.calls[1], "drain");
}

EPOLLHOST_TEST_EACH_TRIGGER(is_cut_off_with_the_others_while_connecting) {
  probe p;
  place silent(0);
  silent.fill();
  served s(p, trigger, [](auto& w) { w.drain_timeout = 5ms; });
  far_end far;
  BOOST_REQUIRE_EQUAL(far.connect(p.host, silent.text()), EH_OK);
  s.turn();
  s.worker->drain();
  s.until([&] { return far.over(); });
  BOOST_CHECK_EQUAL(far.reason, EH_REASON_DRAIN);
}

BOOST_AUTO_TEST_SUITE_END()
