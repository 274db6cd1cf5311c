// Distributed under the Boost Software License, Version 1.0.
// Tests plugins that another compiler built, in another language and with other options (LESSONS 1.1).
#include "support/served.hpp"

#include <boost/test/unit_test.hpp>

using namespace epollhost;
using test::client;
using test::served;

BOOST_AUTO_TEST_SUITE(foreign)

EPOLLHOST_TEST_EACH_TRIGGER(serves_a_plugin_of_another_compiler_that_arms_timers_posts_and_asks_where_it_is) {
  for (const char* const name : {"foreign-clang.so", "foreign-gcc.so", "foreign-c.so", "foreign-static.so"}) {
    BOOST_TEST_CONTEXT(name) {
      const plugin_library library = plugin_library::open(test::argument(name), false);
      served s(library, trigger);
      client c(s.at());
      for (const std::string_view step : {"o", "t", "d", "p"}) {
        const std::size_t before = c.received.size();
        c.send(step);
        s.until([&] {
          c.receive();
          return c.received.size() > before;
        });
      }
      BOOST_CHECK_EQUAL(c.received, "here;timer;deadline;posted;");
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
