// Distributed under the Boost Software License, Version 1.0.
// Tests checking and showing of text from outside.
#include "cli/text.hpp"

#include "support.hpp"

#include <boost/test/unit_test.hpp>

using namespace epollhost::cli;
using namespace std::string_literals;

BOOST_AUTO_TEST_SUITE(text)

BOOST_AUTO_TEST_CASE(shows_printable_text_in_quotes) {
  BOOST_TEST(in_quotes("abc") == "\"abc\"");
  BOOST_TEST(in_quotes("") == "\"\"");
  BOOST_TEST(in_quotes("\"x") == R"("\"x")");
  BOOST_TEST(in_quotes("gr\u00fc\u00df \u4f60\u597d \U0001f600") == "\"gr\u00fc\u00df \u4f60\u597d \U0001f600\"");
}

BOOST_AUTO_TEST_CASE(shows_as_numbers_what_would_act_on_the_terminal) {
  BOOST_TEST(in_quotes("\x1b[31m\n\x7f\0"s) == R"("\x1b[31m\x0a\x7f\x00")");
  BOOST_TEST(in_quotes("a\0b"s) == R"("a\x00b")");
  BOOST_TEST(in_quotes("\u009b2J") == R"("\xc2\x9b2J")");
}

BOOST_AUTO_TEST_CASE(shows_as_numbers_what_is_not_utf8) {
  BOOST_TEST(in_quotes("\xff\xfe") == R"("\xff\xfe")");
  BOOST_TEST(in_quotes("\xc3") == R"("\xc3")");                 // cut short
  BOOST_TEST(in_quotes("\xc0\xaf") == R"("\xc0\xaf")");         // overlong
  BOOST_TEST(in_quotes("\xed\xa0\x80") == R"("\xed\xa0\x80")"); // surrogate
}

BOOST_AUTO_TEST_CASE(cuts_a_long_text_and_says_how_long_it_was) {
  BOOST_TEST(in_quotes(std::string(in_quotes_bytes_max, 'x')) == "\"" + std::string(in_quotes_bytes_max, 'x') + "\"");
  BOOST_TEST(in_quotes(std::string(in_quotes_bytes_max + 1, 'x')) ==
             "\"" + std::string(in_quotes_bytes_max, 'x') + "\"... (121 bytes)");
}

BOOST_AUTO_TEST_CASE(makes_a_message_fit_for_the_terminal) {
  BOOST_TEST(printable("./\x1b[2J.so: gr\u00fc\u00df \"x\"\n\xff") == "./\\x1b[2J.so: gr\u00fc\u00df \"x\"\\x0a\\xff");
  BOOST_TEST(printable(std::string(1000, 'x')).size() == 1000u);
}

BOOST_AUTO_TEST_CASE(takes_well_formed_text_only) {
  for (const std::string good : {"", "abc", "\u00e9", "\u20ac", "\ud7ff", "\U0010ffff"})
    BOOST_TEST(test::message_of([&] { check_text(good); }) == "");
  BOOST_TEST(test::message_of([] { check_text("ab\0c"s); }) ==
             R"("ab\x00c" has a zero byte at position 3; expected text without one)");
  for (const std::string bad : {"\x80", "\xc1\x81", "\xe0\x80\x80", "\xed\xbf\xbf", "\xf0\x80\x80\x80",
                                "\xf4\x90\x80\x80", "\xf5", "a\xe2\x82"})
    BOOST_TEST(test::message_of([&] { check_text(bad); }).find("is not UTF-8") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(lists_words_as_a_sentence_does) {
  BOOST_TEST(listed({}) == "");
  BOOST_TEST(listed({"a"}) == "a");
  BOOST_TEST(listed({"a", "b"}) == "a and b");
  BOOST_TEST(listed({"a", "b", "c"}, "or") == "a, b or c");
}

BOOST_AUTO_TEST_SUITE_END()
