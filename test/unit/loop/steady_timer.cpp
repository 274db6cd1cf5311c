// Distributed under the Boost Software License, Version 1.0.
// Tests the timer: never early, and each wait ends exactly once.
#include "loop/steady_timer.hpp"

#include "epollhost/deadline.hpp"
#include "support/watcher.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <random>
#include <vector>

using namespace epollhost;
using loop::steady_timer;
using test::turn;
using namespace std::chrono_literals;
using ec = boost::system::error_code;
using clock_type = std::chrono::steady_clock;

namespace {

const auto cancelled = boost::system::errc::make_error_code(boost::system::errc::operation_canceled);

// What a wait has come to.
struct outcome {
  int calls = 0;
  ec last;
  auto handler() {
    return [this](ec e) { ++calls, last = e; };
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(steady_timer_)

BOOST_AUTO_TEST_CASE(never_fires_early) {
  loop::io_context context;
  std::mt19937 random(7);
  std::vector<std::unique_ptr<steady_timer>> timers;
  int left = 300, early = 0;
  for (int i = left; i > 0; --i) {
    timers.push_back(std::make_unique<steady_timer>(context));
    timers.back()->expires_after(std::chrono::nanoseconds(random() % 60'000'000));
    timers.back()->async_wait([&, when = timers.back()->expiry()](ec e) {
      if (e || clock_type::now() < when) ++early;
      if (--left == 0) context.stop();
    });
  }
  context.run();
  BOOST_CHECK_EQUAL(early, 0);
}

BOOST_AUTO_TEST_CASE(adds_durations_of_any_size_to_a_moment) {
  using limits = std::numeric_limits<std::int64_t>;
  constexpr std::int64_t now = 5'000'000'000'000;
  BOOST_CHECK_EQUAL(deadline_after(now, 7), now + 7);
  BOOST_CHECK_EQUAL(deadline_after(now, -7), now - 7);
  BOOST_CHECK_EQUAL(deadline_after(now, limits::max() - now), limits::max());
  BOOST_CHECK_EQUAL(deadline_after(now, limits::max() - now + 1), limits::max());
  BOOST_CHECK_EQUAL(deadline_after(now, limits::max()), limits::max());
  BOOST_CHECK_EQUAL(deadline_after(-now, limits::min()), limits::min());
  BOOST_CHECK_EQUAL(deadline_after(now, std::chrono::hours(2562047)), limits::max());
}

// Such a wait is made of a rough one and an exact one, and a time far behind it keeps the loop from waiting for ever.
BOOST_AUTO_TEST_CASE(is_not_early_either_for_a_time_that_is_not_near) {
  loop::io_context context;
  steady_timer far(context), timer(context);
  far.expires_after(24h);
  far.async_wait([](ec) {});
  timer.expires_after(130ms);
  bool early = true;
  timer.async_wait([&](ec) {
    early = clock_type::now() < timer.expiry();
    context.stop();
  });
  const auto before = context.counters().turns;
  context.run();
  BOOST_CHECK(!early);
  BOOST_CHECK_LE(context.counters().turns - before, 4);
}

BOOST_AUTO_TEST_CASE(fires_in_the_order_of_the_times) {
  loop::io_context context;
  const auto base = clock_type::now();
  std::vector<std::unique_ptr<steady_timer>> timers;
  std::vector<int> order;
  for (const int i : {5, 1, 4, 2, 3, 0}) {
    timers.push_back(std::make_unique<steady_timer>(context));
    timers.back()->expires_at(base + std::chrono::microseconds(i));
    timers.back()->async_wait([&, i](ec) {
      order.push_back(i);
      if (order.size() == 6) context.stop();
    });
  }
  context.run();
  BOOST_CHECK((order == std::vector{0, 1, 2, 3, 4, 5}));
}

// Each period begins where the one before ended, not where its callback ran: so no drift adds up.
BOOST_AUTO_TEST_CASE(does_not_drift_over_a_thousand_periods) {
  loop::io_context context;
  steady_timer timer(context);
  constexpr auto period = 200us;
  const auto begin = clock_type::now();
  int fired = 0, early = 0;
  std::function<void(ec)> again = [&](ec) {
    ++fired;
    if (clock_type::now() < begin + fired * period) ++early;
    if (fired == 1000) return context.stop();
    timer.expires_at(timer.expiry() + period);
    timer.async_wait(again);
  };
  timer.expires_at(begin + period);
  timer.async_wait(again);
  context.run();
  BOOST_CHECK_EQUAL(early, 0);
  BOOST_CHECK(timer.expiry() == begin + 1000 * period);
}

// LESSONS 1.13: the turn's own time is old by then.
BOOST_AUTO_TEST_CASE(counts_from_now_when_it_is_armed_after_a_long_callback) {
  loop::io_context context;
  steady_timer timer(context);
  clock_type::time_point armed, fired;
  context.post([&] {
    for (const auto until = clock_type::now() + 50ms; clock_type::now() < until;) {
    }
    armed = clock_type::now();
    timer.expires_after(20ms);
    timer.async_wait([&](ec) {
      fired = clock_type::now();
      context.stop();
    });
  });
  context.run();
  BOOST_CHECK(fired - armed >= 20ms);
}

BOOST_AUTO_TEST_CASE(fires_at_once_in_the_loop_for_a_time_that_has_passed) {
  loop::io_context context;
  steady_timer timer(context);
  outcome o;
  timer.expires_at(clock_type::now() - 1h);
  timer.async_wait(o.handler());
  BOOST_CHECK_EQUAL(o.calls, 0);
  turn(context);
  BOOST_CHECK_EQUAL(o.calls, 1);
  BOOST_CHECK(!o.last);
}

BOOST_AUTO_TEST_CASE(waits_for_ever_without_an_overflow) {
  loop::io_context context;
  steady_timer timer(context);
  outcome o;
  timer.expires_after(steady_timer::duration::max());
  timer.async_wait(o.handler());
  turn(context);
  BOOST_CHECK_EQUAL(o.calls, 0);
}

BOOST_AUTO_TEST_CASE(ends_a_cancelled_wait_once_later_and_with_operation_canceled) {
  loop::io_context context;
  steady_timer timer(context);
  outcome o;
  timer.expires_after(0ns);
  timer.async_wait(o.handler());
  BOOST_CHECK_EQUAL(timer.cancel(), 1);
  BOOST_CHECK_EQUAL(timer.cancel(), 0);
  BOOST_CHECK_EQUAL(o.calls, 0);
  turn(context);
  turn(context);
  BOOST_CHECK_EQUAL(o.calls, 1);
  BOOST_CHECK(o.last == cancelled);
}

BOOST_AUTO_TEST_CASE(cancels_the_wait_when_the_time_is_set_anew) {
  loop::io_context context;
  steady_timer timer(context);
  outcome first, second;
  timer.expires_after(1h);
  timer.async_wait(first.handler());
  BOOST_CHECK_EQUAL(timer.expires_after(0ns), 1);
  timer.async_wait(second.handler());
  turn(context);
  turn(context);
  BOOST_CHECK_EQUAL(first.calls, 1);
  BOOST_CHECK(first.last == cancelled);
  BOOST_CHECK_EQUAL(second.calls, 1);
  BOOST_CHECK(!second.last);
}

// LESSONS 1.14: both have passed; whichever comes first cancels the other, which then has not fired.
BOOST_AUTO_TEST_CASE(does_not_fire_a_timer_that_another_one_of_the_same_turn_has_cancelled) {
  loop::io_context context;
  steady_timer a(context), b(context);
  outcome oa, ob;
  const auto past = clock_type::now() - 1s;
  a.expires_at(past);
  b.expires_at(past);
  a.async_wait([&](ec e) {
    oa.handler()(e);
    b.cancel();
  });
  b.async_wait([&](ec e) {
    ob.handler()(e);
    a.cancel();
  });
  for (int i = 0; i < 3; ++i) turn(context);
  BOOST_CHECK_EQUAL(oa.calls, 1);
  BOOST_CHECK_EQUAL(ob.calls, 1);
  BOOST_CHECK((oa.last == cancelled) != (ob.last == cancelled));
}

BOOST_AUTO_TEST_CASE(ends_the_wait_of_a_timer_that_dies_also_inside_its_own_handler) {
  loop::io_context context;
  auto timer = std::make_unique<steady_timer>(context);
  outcome o;
  timer->expires_after(1h);
  timer->async_wait(o.handler());
  timer.reset();
  turn(context);
  BOOST_CHECK_EQUAL(o.calls, 1);
  BOOST_CHECK(o.last == cancelled);

  timer = std::make_unique<steady_timer>(context);
  timer->expires_after(0ns);
  bool ran = false;
  timer->async_wait([&](ec) {
    timer.reset();
    ran = true;
  });
  while (!ran) turn(context);
  turn(context);
}

// LESSONS 1.21: a timer that is always due leaves tasks and events their turn.
BOOST_AUTO_TEST_CASE(starves_nobody_though_it_is_armed_for_the_past_again_and_again) {
  loop::io_context context;
  steady_timer timer(context);
  test::socket_pair pair;
  test::watcher w(context, std::move(pair.ours));
  BOOST_REQUIRE(!w.watch());
  int fired = 0;
  std::function<void(ec)> again = [&](ec e) {
    if (e) return;
    ++fired;
    timer.expires_at(clock_type::now() - 1s);
    timer.async_wait(again);
  };
  again({});
  BOOST_REQUIRE_EQUAL(::send(pair.theirs.get(), "x", 1, 0), 1);
  for (int i = 0; i < 5; ++i) turn(context);
  BOOST_CHECK_EQUAL(w.events, 1);
  BOOST_CHECK_LE(fired, 7);
  timer.cancel();
  turn(context);
}

BOOST_AUTO_TEST_SUITE_END()
