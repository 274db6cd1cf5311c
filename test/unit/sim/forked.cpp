// Distributed under the Boost Software License, Version 1.0.
// Tests runs in processes of their own: what becomes of one that does not end.
#include "sim/forked.hpp"

#include <boost/test/unit_test.hpp>

#include <unistd.h>

namespace {

using namespace epollhost::sim;

constexpr unsigned long_enough = 600;

outcome spins(last_words&, const reporter&) {
  for (volatile bool for_ever = true; for_ever;) {
  }
  return {};
}

outcome waits(last_words&, const reporter&) {
  for (;;) ::pause();
}

} // namespace

BOOST_AUTO_TEST_SUITE(forked_)

BOOST_AUTO_TEST_CASE(ends_who_takes_too_long_of_the_processor) {
  const outcome out = run_forked(spins, {.processor_s = 1, .real_s = long_enough});
  BOOST_CHECK_EQUAL(out.rule, "hang");
  BOOST_CHECK_EQUAL(out.what, "it did not end within 1 s of the processor, outside of the plugin's hooks");
}

BOOST_AUTO_TEST_CASE(ends_who_waits_for_too_long) {
  const outcome out = run_forked(waits, {.processor_s = long_enough, .real_s = 1});
  BOOST_CHECK_EQUAL(out.rule, "hang");
  BOOST_CHECK_EQUAL(out.what, "it did not end within 1 s, outside of the plugin's hooks");
}

BOOST_AUTO_TEST_SUITE_END()
