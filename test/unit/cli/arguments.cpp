// Distributed under the Boost Software License, Version 1.0.
// Tests the words of the command line.
#include "cli/arguments.hpp"

#include "support.hpp"

#include <boost/test/unit_test.hpp>

using namespace epollhost::cli;

namespace {

// "plugin=http.so http.print web.body=" for readable comparisons.
std::string parsed(const std::vector<std::string>& words) {
  std::string out;
  for (const assignment& a : parse_arguments(words))
    out += (out.empty() ? "" : " ") + full_name(a) + (a.value ? "=" + *a.value : "");
  return out;
}

std::string refusal(const std::vector<std::string>& words) {
  return test::message_of([&] { parse_arguments(words); });
}

} // namespace

BOOST_AUTO_TEST_SUITE(arguments)

BOOST_AUTO_TEST_CASE(reads_all_three_forms) {
  BOOST_TEST(parsed({"--plugin", "http.so", "--http.body=Hi", "--http.print"}) ==
             "plugin=http.so http.body=Hi http.print");
  BOOST_TEST(parsed({}) == "");
}

BOOST_AUTO_TEST_CASE(takes_no_word_with_two_dashes_for_a_value) {
  BOOST_TEST(parsed({"--plugin", "--check"}) == "plugin check");
  BOOST_TEST(parsed({"--http.body=--check"}) == "http.body=--check");
}

BOOST_AUTO_TEST_CASE(takes_any_other_word_for_a_value) {
  BOOST_TEST(parsed({"--raw.level", "-7", "--a", "-", "--b", "", "--c", "x=y", "--d", "-h"}) ==
             "raw.level=-7 a=- b= c=x=y d=-h");
}

BOOST_AUTO_TEST_CASE(keeps_an_empty_value_and_further_equals_signs) {
  BOOST_TEST(parsed({"--http.body=", "--plugin=web=http.so"}) == "http.body= plugin=web=http.so");
}

BOOST_AUTO_TEST_CASE(splits_the_name_at_its_first_dot) {
  const auto all = parse_arguments({"--web.a.b=1", "--.x=1", "--web.=1"});
  BOOST_TEST(all[0].instance == "web");
  BOOST_TEST(all[0].option == "a.b");
  BOOST_TEST(all[1].instance == "");
  BOOST_TEST(all[1].option == ".x");
  BOOST_TEST(all[2].instance == "web");
  BOOST_TEST(all[2].option == "");
}

BOOST_AUTO_TEST_CASE(gives_no_value_to_a_command) {
  BOOST_TEST(refusal({"--check", "yes"}).starts_with("unexpected argument \"yes\""));
  BOOST_TEST(refusal({"--check=yes"}) == "--check: takes no value; leave out the \"=\" and what follows");
  BOOST_TEST(parsed({"-h"}) == "help");
}

BOOST_AUTO_TEST_CASE(says_what_a_stray_word_should_have_been) {
  const std::pair<const char*, const char*> cases[] = {{"http.so", "--plugin \"http.so\""},
                                                       {"a.conf", "--config \"a.conf\""},
                                                       {"-p", "there are no options with one dash but -h"},
                                                       {"\u2014plugin", "long dash"},
                                                       {"--", "unexpected argument \"--\""},
                                                       {"--=x", "unexpected argument \"--=x\""},
                                                       {"", "unexpected argument \"\""},
                                                       {"-", "unexpected argument \"-\""}};
  for (const auto& [word, part] : cases)
    BOOST_TEST(refusal({word}).find(part) != std::string::npos, word << ": " << refusal({word}));
}

BOOST_AUTO_TEST_CASE(refuses_what_is_not_utf8) {
  BOOST_TEST(refusal({"--plugin", "a\xff.so"}) ==
             "argument 2 is not UTF-8 (byte 0xff at position 2); expected text in UTF-8");
  BOOST_TEST(refusal({"--\xff"}).find("is not UTF-8") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
