// Distributed under the Boost Software License, Version 1.0.
// Tests that somebody may choose what else is left to chance.
#include "net/sim/random_source.hpp"

#include <boost/test/unit_test.hpp>

using namespace epollhost::net::sim;

BOOST_AUTO_TEST_SUITE(random_source_)

BOOST_AUTO_TEST_CASE(takes_what_is_chosen_and_then_goes_on_with_its_seed) {
  choices chosen(std::string_view("\x01\x00\x07\x06", 4));
  random_source mixed(5, 1, &chosen), seeded(5, 1);
  BOOST_TEST(mixed.next() == 0x0101010101010101u);
  BOOST_TEST(mixed.below(2) == 0u);
  BOOST_TEST(!mixed.chance(0)); // takes none
  BOOST_TEST(mixed.chance(1));
  BOOST_TEST(!mixed.chance(random_source::million - 1));
  BOOST_TEST(chosen.empty());
  for (int i = 0; i < 5; ++i) BOOST_TEST(mixed.next() == seeded.next());
}

BOOST_AUTO_TEST_CASE(shares_the_choices_with_others) {
  choices chosen("ab");
  random_source one(1, 1, &chosen), other(2, 1, &chosen);
  BOOST_TEST(one.below(256) == 'a');
  BOOST_TEST(other.below(256) == 'b');
  BOOST_TEST(chosen.empty());
}

BOOST_AUTO_TEST_SUITE_END()
