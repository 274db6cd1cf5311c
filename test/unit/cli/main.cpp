// Distributed under the Boost Software License, Version 1.0.
// The test program of src/cli.
#define BOOST_TEST_MODULE cli
#include <boost/test/unit_test.hpp>
