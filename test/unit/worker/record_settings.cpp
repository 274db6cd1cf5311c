// Distributed under the Boost Software License, Version 1.0.
// Tests worker/record_settings and the fields of worker/record_format: what a recording says comes back, and nothing
// else.
#include "worker/record_settings.hpp"

#include "epollhost/plugin.h"
#include "worker/record_format.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace epollhost;

namespace {

option_description option(std::uint32_t type) {
  option_description o;
  o.type = type;
  o.choices = {"a", "b"};
  return o;
}

} // namespace

BOOST_AUTO_TEST_SUITE(record_settings)

BOOST_AUTO_TEST_CASE(give_each_value_back) {
  option_value v;
  v.real = 0.25;
  BOOST_TEST(record::to_value(option(EH_REAL), record::to_text(option(EH_REAL), v))->real == 0.25);
  v.integer = -7;
  BOOST_TEST(record::to_value(option(EH_INTEGER), record::to_text(option(EH_INTEGER), v))->integer == -7);
  v.integer = 1;
  const auto choice = record::to_value(option(EH_CHOICE), record::to_text(option(EH_CHOICE), v));
  BOOST_TEST(choice->integer == 1);
  BOOST_TEST(choice->text == "b");
  v.text = "any text";
  BOOST_TEST(record::to_value(option(EH_STRING), record::to_text(option(EH_STRING), v))->text == "any text");
}

BOOST_AUTO_TEST_CASE(refuse_what_is_no_value) {
  for (const char* bad : {"", "x", "1x"}) {
    BOOST_TEST(!record::to_value(option(EH_REAL), bad));
    BOOST_TEST(!record::to_value(option(EH_INTEGER), bad));
  }
  BOOST_TEST(!record::to_value(option(EH_CHOICE), "-1"));
  BOOST_TEST(!record::to_value(option(EH_CHOICE), "2"));
}

BOOST_AUTO_TEST_CASE(come_from_fields_that_are_whole) {
  BOOST_TEST(!record::fields("").text());
  BOOST_TEST(!record::fields("\x03"
                             "ab")
                  .text());
  BOOST_TEST(*record::fields("\x02"
                             "ab")
                  .text() == "ab");
  BOOST_TEST(!record::fields("").address());
  BOOST_TEST(!record::fields("\x02"
                             "ab")
                  .address());
}

BOOST_AUTO_TEST_SUITE_END()
