// Distributed under the Boost Software License, Version 1.0.
// Tests what becomes of a plugin's bad answers: that connection ends, a line says why, and nobody else is hurt.
#include "support/served.hpp"

#include <boost/test/unit_test.hpp>

#include <functional>

using namespace epollhost;
using test::client;
using test::log_lines;
using test::probe;
using test::served;

namespace {

struct bad_answer {
  const char* name;
  std::function<eh_next(eh_io&)> give;
  std::string found, expected;
};

const std::vector<bad_answer>& bad_answers() {
  static const std::vector<bad_answer> all = {
      {"in_used", [](eh_io& io) { return io.in_used = io.in_len + 1, EH_KEEP; }, "", "in_len"},
      {"in_used", [](eh_io& io) { return io.in_used = ~0ull, EH_KEEP; }, "18446744073709551615", "in_len"},
      {"out_used", [](eh_io& io) { return io.out_used = io.out_cap + 1, EH_KEEP; }, "", "out_cap"},
      {"out_used", [](eh_io& io) { return io.out_used = ~0ull, EH_CLOSE; }, "18446744073709551615", "out_cap"},
      {"eh_next", [](eh_io&) { return 4; }, "0x4", "EH_KEEP"},
      {"eh_next", [](eh_io&) { return 0xf; }, "0xf", "EH_KEEP"},
      {"eh_next", [](eh_io&) { return EH_CLOSE | 0x200; }, "0x201", "EH_KEEP"},
      {"eh_next", [](eh_io&) { return 0x80000000; }, "0x80000000", "EH_KEEP"},
      {"eh_next", [](eh_io&) { return ~eh_next(0); }, "0xffffffff", "EH_KEEP"},
  };
  return all;
}

} // namespace

BOOST_AUTO_TEST_SUITE(breach)

EPOLLHOST_TEST_EACH_TRIGGER(ends_the_connection_of_a_bad_answer_and_says_field_found_and_expected) {
  for (int hook = probe_open; hook <= probe_wake; ++hook) {
    if (hook == probe_room) continue; // the same path as `wake`; it is provoked elsewhere
    for (const bad_answer& bad : bad_answers()) {
      BOOST_TEST_CONTEXT(hook << " " << bad.name << " " << bad.found) {
        log_lines log;
        probe p;
        served s(p, trigger);
        client witness(s.at());
        s.until([&] { return p.opened.size() == 1; });
        p.open = [&](eh_io& io) {
          if (hook == probe_timer) io.deadline_ns = 1;
          if (hook == probe_wake) p.host->wake(p.host, io.conn, 1);
          return hook == probe_open ? bad.give(io) : eh_next(EH_KEEP);
        };
        p.data = p.timer = p.wake = [&](eh_io& io) {
          if (io.conn != p.opened[0]) return bad.give(io);
          io.in_used = io.in_len;
          return eh_next(EH_KEEP);
        };
        client victim(s.at());
        victim.send_some("x");
        s.receive_end(victim);
        s.until([&] { return !p.closed.empty(); });
        BOOST_CHECK_EQUAL(p.closed[0].reason, EH_REASON_CONTRACT);
        BOOST_CHECK_EQUAL(victim.error, ECONNRESET);
        BOOST_CHECK_EQUAL(s.counters().contract_breaches, 1);
        BOOST_CHECK_NE(log.with({"error", "probe", bad.name, bad.found, bad.expected}), "");
        witness.send("y");
        s.until([&] { return p.calls[probe_data] >= 1 && p.closed.size() == 1; });
        BOOST_CHECK_EQUAL(p.closed.size(), 1);
      }
    }
  }
}

// The same lie, told to a host function that commits the window first.
EPOLLHOST_TEST_EACH_TRIGGER(finds_a_window_that_is_overrun_when_a_call_commits_it) {
  log_lines log;
  probe p;
  p.data = [&](eh_io& io) {
    io.out_used = io.out_cap + 1;
    BOOST_CHECK_EQUAL(p.host->write(p.host, io.conn, "x", 1), EH_GONE);
    BOOST_CHECK_EQUAL(p.host->write(p.host, io.conn, "x", 1), EH_GONE);
    return eh_next(EH_KEEP);
  };
  served s(p, trigger);
  client c(s.at());
  c.send("x");
  s.receive_end(c);
  s.until([&] { return !p.closed.empty(); });
  BOOST_CHECK_EQUAL(c.received, "");
  BOOST_CHECK_EQUAL(p.closed[0].reason, EH_REASON_CONTRACT);
  BOOST_CHECK_EQUAL(s.counters().contract_breaches, 1);
  BOOST_CHECK_NE(log.with({"error", "out_used"}), "");
}

EPOLLHOST_TEST_EACH_TRIGGER(sends_nothing_of_what_a_bad_answer_wrote) {
  log_lines log;
  probe p;
  p.data = [&](eh_io& io) {
    io.out[0] = '!';
    io.out_used = 1;
    io.in_used = io.in_len + 1;
    return eh_next(EH_KEEP);
  };
  served s(p, trigger);
  client c(s.at());
  c.send("x");
  s.receive_end(c);
  BOOST_CHECK_EQUAL(c.received, "");
}

EPOLLHOST_TEST_EACH_TRIGGER(closes_at_a_want_beyond_all_bounds_without_overflow) {
  for (const std::uint64_t want : {~0ull, ~0ull - 1, 1ull << 63}) {
    probe p;
    p.data = [&](eh_io& io) {
      io.want = want;
      return eh_next(EH_KEEP);
    };
    served s(p, trigger);
    client c(s.at());
    c.send("x");
    s.until([&] { return !p.closed.empty(); });
    BOOST_CHECK_EQUAL(p.closed[0].reason, EH_REASON_INPUT_MAX);
  }
}

EPOLLHOST_TEST_EACH_TRIGGER(counts_a_failed_hook_and_resets_that_connection_alone) {
  probe p;
  p.data = [&](eh_io& io) {
    io.in_used = io.in_len;
    return eh_next(io.in[0] == 'f' ? EH_FAIL : EH_KEEP);
  };
  served s(p, trigger);
  client good(s.at()), bad(s.at());
  bad.send("fail");
  s.receive_end(bad);
  s.until([&] { return !p.closed.empty(); });
  BOOST_CHECK_EQUAL(bad.error, ECONNRESET);
  BOOST_CHECK_EQUAL(p.closed[0].reason, EH_REASON_FAILED);
  BOOST_CHECK_EQUAL(s.counters().plugin_failures, 1);
  good.send("go on");
  s.until([&] { return p.calls[probe_data] == 2; });
  BOOST_CHECK_EQUAL(p.closed.size(), 1);
}

BOOST_AUTO_TEST_SUITE_END()
