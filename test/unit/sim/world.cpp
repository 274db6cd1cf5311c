// Distributed under the Boost Software License, Version 1.0.
// Tests how two outputs are compared.
#include "sim/world.hpp"

#include <boost/test/unit_test.hpp>

using epollhost::sim::difference;

BOOST_AUTO_TEST_SUITE(world)

BOOST_AUTO_TEST_CASE(tells_the_first_byte_that_differs) {
  constexpr auto nowhere = std::string_view::npos;
  BOOST_CHECK_EQUAL(difference("", "", {}), nowhere);
  BOOST_CHECK_EQUAL(difference("same", "same", {}), nowhere);
  BOOST_CHECK_EQUAL(difference("same", "sane", {}), 2);
  BOOST_CHECK_EQUAL(difference("longer", "long", {}), 4);
  BOOST_CHECK_EQUAL(difference("long", "longer", {}), 4);
}

BOOST_AUTO_TEST_CASE(passes_over_what_stands_behind_a_masked_word_of_its_line) {
  constexpr auto nowhere = std::string_view::npos;
  const std::vector<std::string> masked = {"Date:"};
  BOOST_CHECK_EQUAL(difference("a\nDate: 1\nb\n", "a\nDate: 22\nb\n", masked), nowhere);
  BOOST_CHECK_EQUAL(difference("Date: 1", "Date: 2", masked), nowhere);
  BOOST_CHECK_EQUAL(difference("a\nDate: 1\nb\n", "a\nDate: 22\nc\n", masked), 11);
  BOOST_CHECK_EQUAL(difference("a Date: 1\n", "a Date: 2\n", masked), 8); // not where a line begins
  BOOST_CHECK_EQUAL(difference("Date: 1\n", "Date: 1", masked), 7);
  BOOST_CHECK_EQUAL(difference("Date: 1\nb", "Date: 2", masked), 7);
}

BOOST_AUTO_TEST_SUITE_END()
