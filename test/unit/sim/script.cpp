// Distributed under the Boost Software License, Version 1.0.
// Tests the files that say what simulated clients do.
#include "sim/script.hpp"

#include <boost/test/unit_test.hpp>

using namespace epollhost::sim;
using kind = step::kind;

namespace {

std::string refusal(std::string_view text) {
  try {
    parse_script(text, "talk");
  } catch (const bad_script& e) {
    return e.what();
  }
  return "it was taken";
}

} // namespace

BOOST_AUTO_TEST_SUITE(script)

BOOST_AUTO_TEST_CASE(takes_each_kind_of_step) {
  const conversation c = parse_script("# a comment\n\n  send \"GET /\\r\\n\\x41\\0\\\\\\\"\"\nexpect \"2 # 0\"\n"
                                      "pause 20ms\nfinish\nclose\n",
                                      "talk");
  BOOST_REQUIRE_EQUAL(c.size(), 5);
  BOOST_CHECK(c[0].what == kind::send && c[0].bytes == std::string("GET /\r\nA\0\\\"", 11));
  BOOST_CHECK(c[1].what == kind::expect && c[1].bytes == "2 # 0");
  BOOST_CHECK(c[2].what == kind::pause && c[2].ns == 20'000'000);
  BOOST_CHECK(c[3].what == kind::finish);
  BOOST_CHECK(c[4].what == kind::close);
}

BOOST_AUTO_TEST_CASE(finishes_where_the_script_does_not_say_how_it_ends) {
  BOOST_CHECK(parse_script("send \"x\"", "talk").back().what == kind::finish);
  BOOST_CHECK(parse_script("send \"x\"\nreset", "talk").back().what == kind::reset);
}

BOOST_AUTO_TEST_CASE(refuses_with_file_and_line_and_what_is_expected) {
  BOOST_CHECK_EQUAL(refusal("\nsent \"x\""),
                    "talk:2: unknown step \"sent\"; there are send, expect, pause, finish, close and reset");
  BOOST_CHECK_EQUAL(refusal("send x"), "talk:1: send is followed by \"x\"; expected bytes in double quotes");
  BOOST_CHECK_EQUAL(refusal("send \"a\"b\""), "talk:1: a double quote inside the bytes; write \\\"");
  BOOST_CHECK_EQUAL(refusal("send \"\\q\""),
                    "talk:1: an unknown escape; there are \\r \\n \\t \\0 \\\\ \\\" and \\xNN");
  BOOST_CHECK_EQUAL(refusal("send \"\\x4\""),
                    "talk:1: an unknown escape; there are \\r \\n \\t \\0 \\\\ \\\" and \\xNN");
  BOOST_CHECK_EQUAL(refusal("send \"\""), "talk:1: send has no bytes; leave the line out");
  BOOST_CHECK_EQUAL(refusal("pause soon"), "talk:1: pause is followed by \"soon\"; expected a duration, such as 20ms");
  BOOST_CHECK_EQUAL(refusal("close now"), "talk:1: close takes nothing behind it; found \"now\"");
  BOOST_CHECK_EQUAL(refusal("close\nfinish"), "talk:2: nothing can follow close or reset");
  BOOST_CHECK_EQUAL(refusal("finish\nsend \"x\""), "talk:2: nothing can be sent after finish");
  BOOST_CHECK_EQUAL(refusal("# nothing"), "talk: it has no steps");
}

BOOST_AUTO_TEST_SUITE_END()
