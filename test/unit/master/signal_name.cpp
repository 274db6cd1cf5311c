// Distributed under the Boost Software License, Version 1.0.
// Tests master/signal_name, and what is said of the end of a child.
#include "master/signal_name.hpp"

#include "master/child.hpp"
#include "support.hpp"

#include <boost/test/unit_test.hpp>

#include <signal.h>

using namespace epollhost::master;
using epollhost::test::wait_for_end;

BOOST_AUTO_TEST_SUITE(signal_names)

BOOST_AUTO_TEST_CASE(have_words_for_all_numbers) {
  BOOST_TEST(signal_name(SIGSEGV) == "SIGSEGV");
  BOOST_TEST(signal_name(SIGRTMIN) == "SIGRTMIN");
  BOOST_TEST(signal_name(SIGRTMIN + 2) == "SIGRTMIN+2");
  BOOST_TEST(signal_name(0) == "signal 0");
  BOOST_TEST(signal_name(999) == "signal 999");
}

BOOST_AUTO_TEST_CASE(say_how_a_child_ended) {
  const auto end_by = [](int signal) {
    return describe_end(wait_for_end(fork_child({}, [=] { return ::raise(signal); })));
  };
  BOOST_TEST(end_by(SIGKILL) == "was killed by SIGKILL");
  BOOST_TEST(end_by(SIGRTMIN + 1) == "was killed by SIGRTMIN+1"); // has no name in the C library
  BOOST_TEST(describe_end(3 << 8) == "exited with status 3");
}

BOOST_AUTO_TEST_SUITE_END()
