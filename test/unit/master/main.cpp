// Distributed under the Boost Software License, Version 1.0.
// The main function of the tests of src/master; ends them with SIGALRM when one hangs.
#define BOOST_TEST_MODULE master
#include <boost/test/unit_test.hpp>

#include <unistd.h>

namespace {

struct deadline : boost::unit_test::test_observer {
  deadline() { boost::unit_test::framework::register_observer(*this); }
  ~deadline() override { boost::unit_test::framework::deregister_observer(*this); }
  void test_unit_start(const boost::unit_test::test_unit&) override { ::alarm(60); }
  void test_unit_finish(const boost::unit_test::test_unit&, unsigned long) override { ::alarm(0); }
};

} // namespace

BOOST_TEST_GLOBAL_FIXTURE(deadline);
