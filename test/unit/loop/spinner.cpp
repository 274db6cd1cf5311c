// Distributed under the Boost Software License, Version 1.0.
// Tests when the loop looks before it blocks.
#include "loop/spinner.hpp"

#include <boost/test/unit_test.hpp>

using epollhost::loop::spinner;

namespace {

constexpr std::int64_t us = 1000, limit = 50 * us;

// So many waits for events that come `after_ns` each: how many of them spun.
int spins(spinner& s, int waits, std::int64_t after_ns) {
  int spun = 0;
  for (int i = 0; i < waits; ++i) {
    if (s.worth_it()) {
      ++spun;
      if (after_ns < s.limit_ns()) {
        s.hit();
        continue;
      }
      s.miss();
      s.blocked_for(after_ns - s.limit_ns());
    } else {
      s.blocked_for(after_ns);
    }
  }
  return spun;
}

} // namespace

BOOST_AUTO_TEST_SUITE(spinner_)

BOOST_AUTO_TEST_CASE(is_off_without_a_limit) {
  BOOST_TEST(!spinner(0).on());
  BOOST_TEST(spinner(1).on());
}

BOOST_AUTO_TEST_CASE(always_spins_where_events_come_within_the_limit) {
  spinner s(limit);
  BOOST_TEST(spins(s, 1000, 30 * us) == 1000);
}

BOOST_AUTO_TEST_CASE(stops_where_events_come_rarely) {
  spinner s(limit);
  BOOST_TEST(spins(s, 1000, 10'000 * us) == spinner::credit_max);
}

BOOST_AUTO_TEST_CASE(tries_less_and_less_where_events_come_just_too_late) {
  for (const std::int64_t after : {51 * us, 120 * us, 199 * us}) {
    spinner s(limit);
    spins(s, 1000, after);
    BOOST_TEST(spins(s, 6400, after) <= 6400 / spinner::patience_max + 1);
  }
}

BOOST_AUTO_TEST_CASE(spins_again_soon_when_events_come_sooner) {
  spinner s(limit);
  spins(s, 1000, 120 * us);
  // A wake-up takes its time: a block for such an event may last longer than the limit.
  for (int i = 0; i < spinner::patience_max; ++i)
    if (!s.worth_it()) s.blocked_for(100 * us);
  BOOST_TEST(s.worth_it());
  BOOST_TEST(spins(s, 1000, 20 * us) == 1000);
}

BOOST_AUTO_TEST_CASE(forgives_one_event_that_was_late) {
  spinner s(limit);
  spins(s, 10, 20 * us);
  spins(s, 1, 10'000 * us);
  BOOST_TEST(s.worth_it());
}

BOOST_AUTO_TEST_SUITE_END()
