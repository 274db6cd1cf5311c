// Distributed under the Boost Software License, Version 1.0.
// Tests how connections end: close, abort, linger, time-outs.
#include "support/served.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstring>
#include <optional>

using namespace epollhost;
using namespace std::chrono_literals;
using test::client;
using test::pattern;
using test::probe;
using test::quiet_turns;
using test::served;

namespace {

eh_next say(eh_io& io, std::string_view text, eh_next answer) {
  std::memcpy(io.out + io.out_used, text.data(), text.size());
  io.out_used += text.size();
  return answer;
}

} // namespace

BOOST_AUTO_TEST_SUITE(ending)

EPOLLHOST_TEST_EACH_TRIGGER(closes_after_all_output_has_left) {
  const std::string all = pattern(3'000'000);
  probe p;
  p.open = [&](eh_io& io) {
    BOOST_CHECK_EQUAL(p.host->write(p.host, io.conn, all.data(), all.size()), EH_OK);
    return say(io, "the end", EH_CLOSE);
  };
  served s(p, trigger);
  client c(s.at(), 200'000);
  s.receive_end(c);
  BOOST_CHECK(c.received == all + "the end");
  BOOST_CHECK(c.ended);
  s.until([&] { return !p.closed.empty(); });
  BOOST_CHECK_EQUAL(p.closed[0].reason, EH_REASON_PLUGIN);
}

EPOLLHOST_TEST_EACH_TRIGGER(drops_the_output_and_resets_on_abort) {
  probe p;
  const std::string much(3'000'000, 'x');
  p.data = [&](eh_io& io) {
    p.host->write(p.host, io.conn, much.data(), much.size());
    return eh_next(EH_ABORT);
  };
  served s(p, trigger);
  client c(s.at(), 200'000);
  c.send("x");
  s.receive_end(c);
  BOOST_CHECK_EQUAL(c.error, ECONNRESET);
  BOOST_CHECK_LT(c.received.size(), much.size());
  s.until([&] { return !p.closed.empty(); });
  BOOST_CHECK_EQUAL(p.closed[0].reason, EH_REASON_PLUGIN);
  BOOST_CHECK_EQUAL(s.counters().reset_by_peer, 0);
}

// The state lives from open to close; the id is gone between the end and close; close comes from the loop.
EPOLLHOST_TEST_EACH_TRIGGER(answers_gone_for_a_connection_whose_end_was_asked_for) {
  for (const eh_next how : {EH_CLOSE, EH_ABORT}) {
    probe p;
    p.data = [&](eh_io& io) {
      io.in_used = io.in_len;
      BOOST_CHECK_EQUAL(p.end_by_call(io.conn, how), EH_OK);
      char text[64];
      const eh_host* const h = p.host;
      BOOST_CHECK_EQUAL(h->write(h, io.conn, "x", 1), EH_GONE);
      BOOST_CHECK_EQUAL(h->write_ref(h, io.conn, "x", 1, nullptr, nullptr), EH_GONE);
      BOOST_CHECK_EQUAL(h->pause(h, io.conn), EH_GONE);
      BOOST_CHECK_EQUAL(h->resume(h, io.conn), EH_GONE);
      BOOST_CHECK_EQUAL(h->queued(h, io.conn), EH_GONE);
      BOOST_CHECK_EQUAL(h->wake(h, io.conn, 1), EH_GONE);
      BOOST_CHECK_EQUAL(h->timer_start(h, io.conn, io.now_ns, 1), EH_GONE);
      BOOST_CHECK_EQUAL(h->address(h, io.conn, 0, text, sizeof text), EH_GONE);
      BOOST_CHECK_EQUAL(h->set_option(h, io.conn, EH_SO_NODELAY, 1), EH_GONE);
      BOOST_CHECK_EQUAL(h->close(h, io.conn, EH_CLOSE), EH_GONE);
      BOOST_CHECK_EQUAL(h->close(h, io.conn, EH_ABORT), EH_GONE);
      return eh_next(EH_KEEP);
    };
    served s(p, trigger);
    client c(s.at());
    c.send("x");
    s.receive_end(c);
    c.close();
    s.until([&] { return !p.closed.empty(); });
    BOOST_CHECK_EQUAL(p.closed[0].reason, EH_REASON_PLUGIN);
  }
}

EPOLLHOST_TEST_EACH_TRIGGER(zeroes_the_state_of_a_connection_that_gets_the_memory_of_an_earlier_one) {
  for (const std::uint32_t align : {0u, 1u, 8u, 64u}) {
    probe p(0, 3000, align);
    std::size_t seen = 0;
    p.data = [&](eh_io& io) { // the probe itself checks for zeros at `open`
      std::memset(p.extra_state(p.state), 0xff, 3000);
      BOOST_CHECK_EQUAL(reinterpret_cast<std::uintptr_t>(p.state) % std::max(align, 1u), 0);
      io.in_used = io.in_len;
      ++seen;
      return eh_next(EH_ABORT);
    };
    served s(p, trigger);
    for (std::size_t i = 1; i <= 60; ++i) {
      client c(s.at());
      c.send("x");
      s.until([&] { return p.closed.size() == i; });
    }
    BOOST_CHECK_EQUAL(seen, 60);
  }
}

// Closing with unread input would make a reset of it, which can destroy the answer before it is read.
EPOLLHOST_TEST_EACH_TRIGGER(lets_the_last_answer_arrive_though_the_client_is_still_sending) {
  for (const bool consume : {false, true}) {
    probe p;
    p.data = [&](eh_io& io) {
      if (consume) io.in_used = io.in_len;
      return say(io, "too large", EH_CLOSE);
    };
    served s(p, trigger, [](auto& w) {
      w.limits.linger_timeout = 30s;
      w.limits.linger_bytes = 100 << 20;
    });
    client c(s.at());
    s.until([&] { return p.opened.size() == 1; });
    const std::string part(100'000, 'x');
    for (int i = 0; i < 50; ++i) {
      s.send(c, part);
      BOOST_REQUIRE_EQUAL(c.error, 0);
    }
    s.receive_end(c);
    BOOST_CHECK_EQUAL(c.received, "too large");
    BOOST_CHECK(c.ended);
    BOOST_CHECK_EQUAL(p.calls[probe_data], 1);
    c.close();
    s.until([&] { return !p.closed.empty(); });
    BOOST_CHECK_EQUAL(p.closed[0].reason, EH_REASON_PLUGIN);
  }
}

EPOLLHOST_TEST_EACH_TRIGGER(ends_a_lingering_close_at_its_bound_of_bytes) {
  probe p;
  p.data = [&](eh_io& io) {
    io.in_used = io.in_len;
    return eh_next(EH_CLOSE | EH_LINGER);
  };
  served s(p, trigger, [](auto& w) {
    w.limits.linger_timeout = 1h;
    w.limits.linger_bytes = 100'000;
  });
  client c(s.at());
  c.send("x");
  std::size_t sent = 0;
  s.until([&] {
    sent += c.send_some(std::string(10'000, 'x'));
    return !p.closed.empty();
  });
  BOOST_CHECK_GT(sent, 100'000);
}

EPOLLHOST_TEST_EACH_TRIGGER(ends_a_lingering_close_at_its_bound_of_time_and_never_early) {
  probe p;
  p.data = [&](eh_io& io) {
    io.in_used = io.in_len;
    return eh_next(EH_CLOSE | EH_LINGER);
  };
  served s(p, trigger, [](auto& w) { w.limits.linger_timeout = 60ms; });
  client c(s.at());
  c.send("x");
  const auto before = std::chrono::steady_clock::now();
  s.until([&] { return !p.closed.empty(); });
  BOOST_CHECK(std::chrono::steady_clock::now() - before >= 60ms);
}

// A duration near the largest one is "never", not the past.
EPOLLHOST_TEST_EACH_TRIGGER(takes_time_outs_as_long_as_can_be_written_for_no_time_out) {
  probe p;
  const std::string all = pattern(1'000'000);
  p.data = [&](eh_io& io) {
    io.in_used = io.in_len;
    p.host->write(p.host, io.conn, all.data(), all.size());
    return eh_next(EH_CLOSE | EH_LINGER);
  };
  served s(p, trigger, [](auto& w) {
    w.limits.linger_timeout = w.limits.send_timeout = std::chrono::nanoseconds::max();
  });
  client c(s.at(), 4096);
  c.send("x");
  s.receive_end(c);
  BOOST_CHECK(c.received == all);
  s.rest(5ms);
  BOOST_CHECK(p.closed.empty());
  c.close();
  s.until([&] { return !p.closed.empty(); });
  BOOST_CHECK_EQUAL(p.closed[0].reason, EH_REASON_PLUGIN);
}

EPOLLHOST_TEST_EACH_TRIGGER(does_not_spin_while_it_lingers) {
  probe p;
  p.data = [&](eh_io& io) {
    io.in_used = io.in_len;
    return eh_next(EH_CLOSE | EH_LINGER);
  };
  served s(p, trigger, [](auto& w) { w.limits.linger_timeout = 1h; });
  client c(s.at());
  c.send("x");
  s.receive_end(c);
  BOOST_CHECK_LE(s.rest(50ms), quiet_turns);
  c.send("more");
  BOOST_CHECK_LE(s.rest(50ms), quiet_turns);
  BOOST_CHECK(p.closed.empty());
  c.reset();
  BOOST_CHECK_LE(s.rest(50ms), quiet_turns);
  BOOST_CHECK_EQUAL(p.closed.size(), 1);
}

EPOLLHOST_TEST_EACH_TRIGGER(times_out_a_peer_that_takes_no_output) {
  for (const eh_next answer : {EH_KEEP, EH_CLOSE}) {
    probe p;
    const std::string much(4'000'000, 'x');
    p.open = [&](eh_io& io) {
      p.host->write(p.host, io.conn, much.data(), much.size());
      return answer;
    };
    served s(p, trigger, [](auto& w) { w.limits.send_timeout = 80ms; });
    client c(s.at(), 4096);
    const auto before = std::chrono::steady_clock::now();
    s.until([&] { return !p.closed.empty(); });
    BOOST_CHECK(std::chrono::steady_clock::now() - before >= 80ms);
    BOOST_CHECK_EQUAL(p.closed[0].reason, EH_REASON_TIMEOUT);
    BOOST_CHECK_EQUAL(s.counters().timed_out, 1);
  }
}

// Progress counts, not the time since the answer was given.
EPOLLHOST_TEST_EACH_TRIGGER(does_not_time_out_a_peer_that_takes_its_output_slowly) {
  probe p;
  const std::string much = pattern(4'000'000);
  p.open = [&](eh_io& io) {
    p.host->write(p.host, io.conn, much.data(), much.size());
    return eh_next(EH_KEEP);
  };
  served s(p, trigger, [](auto& w) { w.limits.send_timeout = 2s; });
  client c(s.at(), 200'000);
  const auto begin = std::chrono::steady_clock::now();
  // Takes all but little in each of 30 steps that last together longer than the time-out.
  while (std::chrono::steady_clock::now() - begin < 2500ms) {
    c.receive(40'000);
    s.rest(15ms);
  }
  BOOST_CHECK(p.closed.empty());
  s.receive(c, much.size());
  BOOST_CHECK(c.received == much);
  BOOST_CHECK_EQUAL(s.counters().timed_out, 0);
}

EPOLLHOST_TEST_EACH_TRIGGER(calls_close_once_for_each_of_many_that_end_in_all_ways_together) {
  probe p;
  p.data = [&](eh_io& io) {
    const char how = io.in_len ? io.in[0] : ' ';
    io.in_used = io.in_len;
    switch (how) {
    case 'c': return eh_next(EH_CLOSE);
    case 'a': return eh_next(EH_ABORT);
    case 'f': return eh_next(EH_FAIL);
    case 'n': p.end_by_call(io.conn, EH_ABORT); return eh_next(EH_KEEP);
    default: return eh_next(EH_KEEP);
    }
  };
  {
    served s(p, trigger);
    std::vector<std::unique_ptr<client>> all;
    for (int i = 0; i < 200; ++i) {
      all.push_back(std::make_unique<client>(s.at()));
      all.back()->send(std::string(1, "cafnkkrr"[i % 8]));
      if (i % 8 == 4) all.back()->finish();
      if (i % 8 == 6) all.back()->reset();
      if (i % 3 == 0) s.turn();
    }
    for (int i = 0; i < 10; ++i) s.turn();
  } // the rest ends with the worker
  BOOST_CHECK_EQUAL(p.opened.size(), 200);
  BOOST_CHECK_EQUAL(p.closed.size(), 200); // the probe has checked each
  BOOST_CHECK_EQUAL(p.stops, 1);
}

// What the host remembers of the last read is old by then: without another look, its close would be a reset.
EPOLLHOST_TEST_EACH_TRIGGER(lingers_where_bytes_came_after_the_last_read) {
  for (const bool by_call : {false, true}) {
    probe p;
    const std::string all = pattern(1'000'000);
    std::optional<client> c;
    p.data = [&](eh_io& io) {
      io.in_used = io.in_len;
      p.host->write(p.host, io.conn, all.data(), all.size());
      c->send("more, which the host has not read");
      if (by_call) p.end_by_call(io.conn, EH_CLOSE);
      return eh_next(by_call ? EH_KEEP : EH_CLOSE);
    };
    served s(p, trigger);
    c.emplace(s.at(), 200'000);
    c->send("x");
    s.receive_end(*c);
    BOOST_CHECK_EQUAL(c->error, 0);
    BOOST_CHECK(c->received == all);
    c->close();
    s.until([&] { return !p.closed.empty(); });
    BOOST_CHECK_EQUAL(p.closed[0].reason, EH_REASON_PLUGIN);
  }
}

BOOST_AUTO_TEST_SUITE_END()
