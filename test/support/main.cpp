// Distributed under the Boost Software License, Version 1.0.
// The main function of each test program.
#define BOOST_TEST_MODULE epollhost
#include <boost/test/unit_test.hpp>

#include "support/watch.hpp"

using epollhost::test::watch_fixture;
BOOST_TEST_GLOBAL_FIXTURE(watch_fixture);
