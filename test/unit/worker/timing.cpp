// Distributed under the Boost Software License, Version 1.0.
// Tests deadlines, timers, wakes and posts of a plugin.
#include "support/served.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <atomic>
#include <limits>
#include <thread>
#include <vector>

using namespace epollhost;
using namespace std::chrono_literals;
using test::client;
using test::probe;
using test::quiet_turns;
using test::served;

namespace {

constexpr std::int64_t ms = 1'000'000;

#ifdef EPOLLHOST_SANITIZED
constexpr unsigned posts = 50'000;
#else
constexpr unsigned posts = 1'000'000;
#endif

struct connected {
  connected(probe& p, loop::trigger t, const served::change& f = {}) : s(p, t, f), c(s.at()) {
    s.until([&] { return p.opened.size() == 1; });
    id = p.opened[0];
  }
  served s;
  client c;
  eh_conn_id id;
};

} // namespace

BOOST_AUTO_TEST_SUITE(timing)

EPOLLHOST_TEST_EACH_TRIGGER(calls_timer_once_when_the_deadline_has_passed_and_never_early) {
  probe p;
  std::int64_t deadline = 0;
  p.open = [&](eh_io& io) {
    io.deadline_ns = deadline = p.host->now_ns(p.host) + 40 * ms;
    return eh_next(EH_KEEP);
  };
  p.timer = [&](eh_io& io) {
    BOOST_CHECK_EQUAL(io.arg, 0);
    BOOST_CHECK_GE(io.now_ns, deadline);
    BOOST_CHECK_GE(p.host->now_ns(p.host), deadline);
    return eh_next(EH_KEEP);
  };
  connected on(p, trigger);
  on.s.until([&] { return p.calls[probe_timer] == 1; });
  BOOST_CHECK_LE(on.s.rest(60ms), quiet_turns);
  BOOST_CHECK_EQUAL(p.calls[probe_timer], 1);
}

// An activity stores a time and nothing else; the armed timer looks when it fires.
EPOLLHOST_TEST_EACH_TRIGGER(follows_a_deadline_that_is_moved_back_and_forth) {
  probe p;
  std::int64_t deadline = 0;
  p.open = p.data = [&](eh_io& io) {
    io.in_used = io.in_len;
    const std::int64_t by = io.in_len ? (io.in[0] == '+' ? 60 : io.in[0] == '-' ? 20 : 0) : 40;
    deadline = by ? p.host->now_ns(p.host) + by * ms : 0;
    io.deadline_ns = deadline;
    return eh_next(EH_KEEP);
  };
  p.timer = [&](eh_io& io) {
    BOOST_CHECK_GT(deadline, 0);
    BOOST_CHECK_GE(io.now_ns, deadline);
    return eh_next(EH_KEEP);
  };
  connected on(p, trigger);
  const auto say = [&](const char* what) {
    const auto calls = p.calls[probe_data];
    on.c.send(what);
    on.s.until([&] { return p.calls[probe_data] > calls; });
  };
  say("+"); // later than the armed one
  on.s.until([&] { return p.calls[probe_timer] == 1; });
  say("+");
  say("-"); // earlier than the armed one
  on.s.until([&] { return p.calls[probe_timer] == 2; });
  say("-");
  say("0"); // none
  BOOST_CHECK_LE(on.s.rest(60ms), quiet_turns);
  BOOST_CHECK_EQUAL(p.calls[probe_timer], 2);
}

EPOLLHOST_TEST_EACH_TRIGGER(rearms_the_deadline_in_the_timer_hook) {
  probe p;
  std::int64_t next = 0;
  p.open = p.timer = [&](eh_io& io) {
    BOOST_CHECK_GE(io.now_ns, next);
    io.deadline_ns = next = io.now_ns + ms;
    return eh_next(EH_KEEP);
  };
  connected on(p, trigger);
  on.s.until([&] { return p.calls[probe_timer] == 20; });
}

EPOLLHOST_TEST_EACH_TRIGGER(keeps_the_deadline_while_paused_half_open_or_blocked) {
  for (const char how : {'p', 'h', 'b'}) {
    probe p;
    const std::string much(4'000'000, 'x');
    p.open = [&](eh_io& io) {
      io.deadline_ns = io.now_ns + 30 * ms;
      if (how == 'b') p.host->write(p.host, io.conn, much.data(), much.size());
      return eh_next(how == 'p' ? EH_PAUSE : how == 'h' ? EH_HALF_OPEN : EH_KEEP);
    };
    p.data = [&](eh_io&) { return eh_next(EH_HALF_OPEN); };
    served s(p, trigger);
    client c(s.at(), 4096);
    if (how == 'h') c.finish();
    s.until([&] { return p.calls[probe_timer] == 1; });
    BOOST_CHECK(p.closed.empty());
  }
}

EPOLLHOST_TEST_EACH_TRIGGER(takes_deadlines_at_the_ends_of_the_range) {
  using range = std::numeric_limits<std::int64_t>;
  for (const std::int64_t at : {range::min(), std::int64_t(-1), std::int64_t(1), range::max()}) {
    probe p;
    p.open = [&](eh_io& io) {
      io.deadline_ns = at;
      return eh_next(EH_KEEP);
    };
    connected on(p, trigger);
    on.s.rest(20ms);
    BOOST_CHECK_EQUAL(p.calls[probe_timer], at == range::max() ? 0 : 1);
  }
}

EPOLLHOST_TEST_EACH_TRIGGER(fires_timers_in_the_order_of_their_times_with_their_arguments) {
  probe p;
  std::vector<std::uint64_t> fired;
  std::int64_t base = 0;
  p.timer = [&](eh_io& io) {
    fired.push_back(io.arg);
    BOOST_CHECK_GE(p.host->now_ns(p.host), base + std::int64_t(io.arg) * ms);
    return eh_next(EH_KEEP);
  };
  p.tick = [&](std::uint64_t arg) { fired.push_back(arg); };
  connected on(p, trigger);
  base = p.host->now_ns(p.host);
  for (const std::uint64_t arg : {9, 3, 7, 1, 5})
    BOOST_CHECK_GT(p.host->timer_start(p.host, arg == 7 ? 0 : on.id, base + std::int64_t(arg) * ms, arg), 0);
  on.s.until([&] { return fired.size() == 5; });
  BOOST_CHECK((fired == std::vector<std::uint64_t>{1, 3, 5, 7, 9}));
}

EPOLLHOST_TEST_EACH_TRIGGER(never_fires_a_stopped_timer_nor_one_of_a_connection_that_has_ended) {
  probe p;
  std::vector<std::uint64_t> fired;
  p.timer = [&](eh_io& io) {
    fired.push_back(io.arg);
    return eh_next(EH_KEEP);
  };
  connected on(p, trigger);
  const eh_host* const h = p.host;
  const std::int64_t past = h->now_ns(h);
  std::array<std::int64_t, 3> ids{};
  for (std::size_t i = 0; i < 3; ++i) ids[i] = h->timer_start(h, on.id, past, i + 1);
  BOOST_CHECK_EQUAL(h->timer_stop(h, ids[1]), EH_OK);
  on.s.until([&] { return fired.size() == 2; });
  BOOST_CHECK((fired == std::vector<std::uint64_t>{1, 3} || fired == std::vector<std::uint64_t>{3, 1}));
  for (const auto id : ids) BOOST_CHECK_EQUAL(h->timer_stop(h, id), EH_GONE);
  const std::int64_t left = h->timer_start(h, on.id, past, 9);
  p.end_by_call(on.id, EH_ABORT);
  on.s.until([&] { return p.closed.size() == 1; });
  on.s.rest(20ms);
  BOOST_CHECK_EQUAL(fired.size(), 2);
  BOOST_CHECK_EQUAL(h->timer_stop(h, left), EH_GONE);
}

// LESSONS 1.14: both timers have passed; each stops the other.
EPOLLHOST_TEST_EACH_TRIGGER(does_not_fire_a_timer_that_another_one_of_the_same_turn_has_stopped) {
  probe p;
  std::array<std::int64_t, 2> ids{};
  p.timer = [&](eh_io& io) {
    BOOST_CHECK_EQUAL(p.host->timer_stop(p.host, ids[2 - io.arg]), EH_OK);
    BOOST_CHECK_EQUAL(p.host->timer_stop(p.host, ids[io.arg - 1]), EH_GONE); // its own has fired
    return eh_next(EH_KEEP);
  };
  connected on(p, trigger);
  for (std::size_t i = 0; i < 2; ++i) ids[i] = p.host->timer_start(p.host, on.id, 1, i + 1);
  on.s.rest(20ms);
  BOOST_CHECK_EQUAL(p.calls[probe_timer], 1);
}

EPOLLHOST_TEST_EACH_TRIGGER(delivers_each_wake_and_post_in_its_order) {
  probe p;
  std::vector<std::uint64_t> got;
  p.wake = [&](eh_io& io) {
    got.push_back(io.arg);
    if (io.arg == 2) p.host->wake(p.host, io.conn, 100);
    return eh_next(EH_KEEP);
  };
  connected on(p, trigger);
  for (std::uint64_t i = 0; i < 10; ++i)
    if (i % 2)
      BOOST_CHECK_EQUAL(p.host->wake(p.host, on.id, i), EH_OK);
    else
      BOOST_CHECK_EQUAL(p.host->post(p.host, on.id, i, nullptr, nullptr), EH_OK);
  on.s.until([&] { return got.size() == 11; });
  BOOST_CHECK((got == std::vector<std::uint64_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 100}));
}

EPOLLHOST_TEST_EACH_TRIGGER(delivers_every_one_of_many_posts_from_other_threads) {
  probe p;
  std::uint64_t woken = 0, ticked = 0, sum = 0;
  constexpr unsigned each = posts / 4;
  connected on(p, trigger);
  const auto count = [&](std::uint64_t arg) {
    sum += arg;
    if (woken + ticked == 4 * each) on.s.worker->loop().stop();
  };
  p.wake = [&](eh_io& io) {
    ++woken;
    count(io.arg);
    return eh_next(EH_KEEP);
  };
  p.tick = [&](std::uint64_t arg) {
    ++ticked;
    count(arg);
  };
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (unsigned i = 0; i < each; ++i) p.host->post(p.host, t % 2 ? on.id : 0, 1, nullptr, nullptr);
    });
  on.s.worker->loop().run();
  for (auto& t : threads) t.join();
  BOOST_CHECK_EQUAL(woken, 2 * each);
  BOOST_CHECK_EQUAL(ticked, 2 * each);
  BOOST_CHECK_EQUAL(sum, 4 * each);
}

// Each post either arrives or is released, whatever becomes of the connection and the worker meanwhile.
EPOLLHOST_TEST_EACH_TRIGGER(delivers_or_releases_each_post_though_connection_and_worker_end) {
  static std::atomic<int> released;
  released = 0;
  const auto release = [](void*) { ++released; };
  std::atomic<int> posted = 0;
  probe p;
  int woken = 0, ticked = 0;
  p.wake = [&](eh_io&) { return ++woken, eh_next(EH_KEEP); };
  p.tick = [&](std::uint64_t) { ++ticked; };
  std::vector<std::thread> threads;
  std::atomic<bool> stop = false;
  p.stop = [&] {
    stop = true;
    for (auto& t : threads) t.join(); // a plugin ends its threads here; they may post until then
  };
  {
    connected on(p, trigger);
    for (int t = 0; t < 2; ++t)
      threads.emplace_back([&, t] {
        while (!stop)
          if (p.host->post(p.host, t ? on.id : 0, 1, release, nullptr) == EH_OK) ++posted;
      });
    on.s.until([&] { return woken > 100 && ticked > 100; });
    p.end_by_call(on.id, EH_ABORT);
    on.s.until([&] { return released > 100; });
  }
  BOOST_CHECK_EQUAL(posted, woken + ticked + released);
}

BOOST_AUTO_TEST_SUITE_END()
