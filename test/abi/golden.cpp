// Distributed under the Boost Software License, Version 1.0.
// Tests that a plugin which was built from the first released header still loads and runs: its file is kept in golden/.
#include "support/served.hpp"

#include <boost/test/unit_test.hpp>

using namespace epollhost;
using test::client;
using test::served;

BOOST_AUTO_TEST_SUITE(golden)

#ifdef __x86_64__ // which its file is for

EPOLLHOST_TEST_EACH_TRIGGER(runs_the_plugin_that_was_built_from_the_first_header) {
  const plugin_library library = plugin_library::open(test::argument("golden.so"), false);
  BOOST_TEST(library.describe().abi_minor == 0);
  BOOST_TEST(library.describe().options.size() == 10u);
  served s(library, trigger);
  client c(s.at());
  for (const std::string_view step : {"o", "v", "t", "d", "p"}) {
    const std::size_t before = c.received.size();
    c.send(step);
    s.until([&] {
      c.receive();
      return c.received.size() > before;
    });
  }
  BOOST_TEST(c.received == "here;values;timer;deadline;posted;");
}

#endif

BOOST_AUTO_TEST_CASE(keeps_the_numbers_of_the_first_header) { BOOST_TEST(EH_ABI_MAJOR == 1); }

BOOST_AUTO_TEST_SUITE_END()
