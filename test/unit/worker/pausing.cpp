// Distributed under the Boost Software License, Version 1.0.
// Tests that a paused connection gets nothing, and loses nothing either.
#include "support/collector.hpp"
#include "support/served.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

using namespace epollhost;
using namespace std::chrono_literals;
using test::client;
using test::collector;
using test::pattern;
using test::probe;
using test::quiet_turns;
using test::served;

namespace {

std::string in_of(const eh_io& io) { return {io.in, std::size_t(io.in_len)}; }

} // namespace

BOOST_AUTO_TEST_SUITE(pausing)

EPOLLHOST_TEST_EACH_TRIGGER(gives_old_bytes_after_resume_without_further_traffic) {
  probe p;
  std::string got;
  bool pause = true;
  p.data = [&](eh_io& io) {
    got += in_of(io);
    io.in_used = io.in_len;
    return eh_next(pause ? EH_PAUSE : EH_KEEP);
  };
  served s(p, trigger);
  client c(s.at());
  c.send("first,");
  s.until([&] { return got == "first,"; });
  c.send("second");
  BOOST_CHECK_LE(s.rest(50ms), quiet_turns);
  BOOST_CHECK_EQUAL(got, "first,");
  pause = false;
  BOOST_CHECK_EQUAL(p.host->resume(p.host, p.opened[0]), EH_OK);
  s.until([&] { return got == "first,second"; });
  c.send(",third");
  s.until([&] { return got == "first,second,third"; });
}

EPOLLHOST_TEST_EACH_TRIGGER(gives_an_unconsumed_tail_after_resume_too) {
  probe p;
  std::vector<std::string> seen;
  p.data = [&](eh_io& io) {
    seen.push_back(in_of(io));
    io.in_used = 1;
    return eh_next(seen.size() == 1 ? EH_PAUSE : EH_KEEP);
  };
  served s(p, trigger);
  client c(s.at());
  c.send("abc");
  s.until([&] { return seen.size() == 1; });
  BOOST_CHECK_LE(s.rest(30ms), quiet_turns);
  BOOST_CHECK_EQUAL(seen.size(), 1);
  p.host->resume(p.host, p.opened[0]);
  s.until([&] { return seen.size() == 3; });
  BOOST_CHECK_EQUAL(seen[1], "bc");
  BOOST_CHECK_EQUAL(seen[2], "c");
}

// The end of input that comes while a connection is paused is told after resume.
EPOLLHOST_TEST_EACH_TRIGGER(tells_the_end_of_input_of_a_paused_connection_after_resume) {
  for (const bool unix_socket : {false, true}) {
    probe p;
    collector got(p);
    p.open = [](eh_io&) { return eh_next(EH_PAUSE); };
    served s(p, trigger, [&](auto& w) {
      if (unix_socket) w.listen = {test::any_unix()};
    });
    client c(s.at());
    s.until([&] { return p.opened.size() == 1; });
    c.send("kept for you");
    c.finish();
    BOOST_CHECK_LE(s.rest(50ms), quiet_turns);
    BOOST_CHECK_EQUAL(got.bytes, "");
    p.host->resume(p.host, p.opened[0]);
    s.until([&] { return !p.closed.empty(); });
    BOOST_CHECK_EQUAL(got.bytes, "kept for you");
    BOOST_CHECK_EQUAL(got.ends, 1);
    BOOST_CHECK_EQUAL(p.closed[0].reason, EH_REASON_END);
  }
}

EPOLLHOST_TEST_EACH_TRIGGER(calls_no_data_between_pause_and_resume_though_both_were_calls) {
  probe p;
  std::string got;
  p.data = [&](eh_io& io) {
    p.host->pause(p.host, io.conn);
    got += in_of(io);
    io.in_used = io.in_len;
    if (got.size() < 3) p.host->resume(p.host, io.conn);
    return eh_next(EH_KEEP);
  };
  served s(p, trigger);
  client c(s.at());
  for (const char* const byte : {"1", "2", "3", "4"}) {
    c.send(byte);
    for (int i = 0; i < 3; ++i) s.turn();
  }
  BOOST_CHECK_EQUAL(got, "123");
}

EPOLLHOST_TEST_EACH_TRIGGER(holds_a_pause_until_resume_whatever_else_comes) {
  for (const bool by_call : {false, true}) {
    probe p;
    std::string got;
    const std::string much(600'000, 'm');
    const auto keep = [](eh_io& io) {
      BOOST_CHECK_EQUAL(io.in_used, 0);
      return eh_next(EH_KEEP);
    };
    p.room = p.wake = p.drain = keep;
    p.timer = [&](eh_io& io) {
      if (io.arg == 0) io.deadline_ns = 0;
      return eh_next(EH_KEEP);
    };
    p.data = [&](eh_io& io) {
      got += in_of(io);
      io.in_used = io.in_len;
      io.deadline_ns = io.now_ns + 1;
      p.host->write(p.host, io.conn, much.data(), much.size()); // so that `room` comes
      if (by_call) p.host->pause(p.host, io.conn);
      return eh_next(by_call ? EH_KEEP : EH_PAUSE);
    };
    served s(p, trigger, [](auto& w) { w.drain_timeout = 1h; });
    client c(s.at());
    c.send("1");
    s.until([&] { return p.calls[probe_data] == 1; });
    c.send("2");
    c.finish();
    const eh_conn_id id = p.opened[0];
    p.host->wake(p.host, id, 7);
    p.host->timer_start(p.host, id, 1, 7);
    s.worker->drain();
    s.receive(c, much.size());
    s.until([&] {
      return p.calls[probe_room] > 0 && p.calls[probe_wake] > 0 && p.calls[probe_drain] > 0 && p.calls[probe_timer] > 1;
    });
    BOOST_CHECK_LE(s.rest(10ms), quiet_turns);
    BOOST_CHECK_EQUAL(p.calls[probe_data], 1);
    BOOST_CHECK_EQUAL(got, "1");
    p.host->resume(p.host, id);
    s.until([&] { return p.calls[probe_data] > 1; });
    BOOST_CHECK_EQUAL(got, "12");
  }
}

// A pause with as much unconsumed input as there may be is no end of input, and no demand for more.
EPOLLHOST_TEST_EACH_TRIGGER(gives_a_tail_at_the_input_limit_again_after_resume) {
  probe p;
  const std::string all = pattern(1024);
  std::vector<std::string> seen;
  std::uint32_t flags = 0;
  p.data = [&](eh_io& io) {
    seen.push_back(in_of(io));
    flags |= io.flags;
    if (seen.size() <= 2) return eh_next(EH_PAUSE); // and uses nothing
    io.in_used = io.in_len;
    return eh_next(EH_KEEP);
  };
  served s(p, trigger, [&](auto& w) { w.limits.input_max = all.size(); });
  client c(s.at());
  c.send(all);
  s.until([&] { return !seen.empty() && seen.back() == all; });
  const std::size_t before = seen.size();
  p.host->resume(p.host, p.opened[0]);
  s.until([&] { return seen.size() > before; });
  p.host->resume(p.host, p.opened[0]);
  c.send("more");
  s.until([&] { return seen.back() == "more" || !p.closed.empty(); });
  BOOST_CHECK(p.closed.empty());
  BOOST_CHECK_EQUAL(flags & EH_IN_END, 0);
}

// What it wants is more than it may have, which is said when it is resumed.
EPOLLHOST_TEST_EACH_TRIGGER(closes_with_the_input_limit_a_connection_that_paused_and_wants_more_than_that) {
  probe p;
  std::uint32_t flags = 0;
  p.data = [&](eh_io& io) {
    flags |= io.flags;
    io.want = 2000;
    return eh_next(EH_PAUSE);
  };
  served s(p, trigger, [&](auto& w) { w.limits.input_max = 1024; });
  client c(s.at());
  c.send(pattern(1024));
  s.until([&] { return p.calls[probe_data] > 0; });
  p.host->resume(p.host, p.opened[0]);
  s.until([&] { return !p.closed.empty(); });
  BOOST_CHECK_EQUAL(p.closed[0].reason, EH_REASON_INPUT_MAX);
  BOOST_CHECK_EQUAL(flags & EH_IN_END, 0);
}

BOOST_AUTO_TEST_SUITE_END()
