// Distributed under the Boost Software License, Version 1.0.
// Tests master/signal_name.
#include "master/signal_name.hpp"

#include <boost/test/unit_test.hpp>

#include <signal.h>

using epollhost::master::signal_name;

BOOST_AUTO_TEST_SUITE(signal_names)

BOOST_AUTO_TEST_CASE(have_words_for_all_numbers) {
  BOOST_TEST(signal_name(SIGSEGV) == "SIGSEGV");
  BOOST_TEST(signal_name(SIGRTMIN) == "SIGRTMIN");
  BOOST_TEST(signal_name(SIGRTMIN + 2) == "SIGRTMIN+2");
  BOOST_TEST(signal_name(0) == "signal 0");
  BOOST_TEST(signal_name(999) == "signal 999");
}

BOOST_AUTO_TEST_SUITE_END()
