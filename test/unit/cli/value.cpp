// Distributed under the Boost Software License, Version 1.0.
// Tests the values of options by type and range.
#include "cli/value.hpp"

#include "support.hpp"

#include <epollhost/plugin.h>

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <limits>

using namespace epollhost;
using namespace epollhost::cli;
using namespace std::string_literals;

namespace {

option_description typed(std::uint32_t type, std::int64_t min = 0, std::int64_t max = 0) {
  option_description out;
  out.name = "x";
  out.type = type;
  out.min.integer = min;
  out.max.integer = max;
  return out;
}

std::string refusal(const option_description& o, std::string_view text) {
  return test::message_of([&] { parse_value(o, text); });
}

constexpr auto least = std::numeric_limits<std::int64_t>::min();
constexpr auto most = std::numeric_limits<std::int64_t>::max();

} // namespace

BOOST_AUTO_TEST_SUITE(value)

BOOST_AUTO_TEST_CASE(reads_flags) {
  for (const char* text : {"on", "yes", "true", "1", "ON", "True"})
    BOOST_TEST(parse_value(typed(EH_FLAG), text).integer == 1);
  for (const char* text : {"off", "no", "false", "0", "Off"})
    BOOST_TEST(parse_value(typed(EH_FLAG), text).integer == 0);
  BOOST_TEST(refusal(typed(EH_FLAG), "maybe") == "\"maybe\" is neither on nor off; expected on or off");
  BOOST_TEST(refusal(typed(EH_FLAG), "") == "the value is empty; expected on or off");
}

BOOST_AUTO_TEST_CASE(reads_integers_within_their_range) {
  const auto o = typed(EH_INTEGER, -10, 10);
  for (const auto& [text, number] : {std::pair{"-10", -10}, {"10", 10}, {"007", 7}, {"-0", 0}})
    BOOST_TEST(parse_value(o, text).integer == number);
  BOOST_TEST(refusal(o, "11") == "\"11\" is too large; expected a whole number from -10 to 10");
  BOOST_TEST(refusal(o, "-11") == "\"-11\" is too small; expected a whole number from -10 to 10");
  BOOST_TEST(refusal(o, "5x") == "\"5x\" is no whole number; expected a whole number from -10 to 10");
  BOOST_TEST(refusal(o, "-") == "\"-\" is no whole number; expected a whole number from -10 to 10");
  BOOST_TEST(refusal(o, "") == "the value is empty; expected a whole number from -10 to 10");
  for (const char* text : {" 5", "5 ", "+5", "0x5", "5.0", "1e1", "five"}) BOOST_TEST(refusal(o, text) != "", text);
}

BOOST_AUTO_TEST_CASE(reads_integers_without_a_range) {
  BOOST_TEST(parse_value(typed(EH_INTEGER), "9223372036854775807").integer == most);
  BOOST_TEST(parse_value(typed(EH_INTEGER, least, most), "-9223372036854775808").integer == least);
  BOOST_TEST(refusal(typed(EH_INTEGER), "9223372036854775808") ==
             "\"9223372036854775808\" does not fit in 64 bits; expected a whole number");
  BOOST_TEST(refusal(typed(EH_INTEGER, 0, most), "-1") == "\"-1\" is too small; expected a whole number, 0 or more");
  BOOST_TEST(refusal(typed(EH_INTEGER, least, 0), "1") == "\"1\" is too large; expected a whole number, 0 or less");
}

BOOST_AUTO_TEST_CASE(reads_reals) {
  auto o = typed(EH_REAL);
  BOOST_TEST(parse_value(o, "0.25").real == 0.25);
  BOOST_TEST(parse_value(o, "-1e6").real == -1e6);
  for (const char* text : {"nan", "inf", "-inf", "", "1,5", "0.25x", "1e999", " 1"})
    BOOST_TEST(refusal(o, text) != "", text);
  o.min.real = 0.5, o.max.real = 2;
  BOOST_TEST(parse_value(o, "2").real == 2);
  BOOST_TEST(refusal(o, "2.001") == "\"2.001\" is too large; expected a number from 0.5 to 2");
  BOOST_TEST(refusal(o, "0.499") == "\"0.499\" is too small; expected a number from 0.5 to 2");
}

BOOST_AUTO_TEST_CASE(reads_sizes_and_durations_within_their_range) {
  const auto size = typed(EH_SIZE, 1024, 1 << 20), wait = typed(EH_DURATION, 0, 1'000'000'000);
  BOOST_TEST(parse_value(size, "1KiB").integer == 1024);
  BOOST_TEST(refusal(size, "1023") == "\"1023\" is too small; expected a size from 1KiB to 1MiB, such as 64KiB");
  BOOST_TEST(refusal(size, "1048577") == "\"1048577\" is too large; expected a size from 1KiB to 1MiB, such as 64KiB");
  BOOST_TEST(parse_value(wait, "1s").integer == 1'000'000'000);
  BOOST_TEST(refusal(wait, "1001ms") ==
             "\"1001ms\" is too large; expected a duration from 0 to 1s, such as 250ms or 10s");
}

BOOST_AUTO_TEST_CASE(reads_choices) {
  auto o = typed(EH_CHOICE);
  o.choices = {"edge", "level"};
  BOOST_TEST(parse_value(o, "level").integer == 1);
  BOOST_TEST(parse_value(o, "level").text == "level");
  BOOST_TEST(refusal(o, "Level") == "\"Level\" is no choice; expected edge or level; did you mean \"level\"?");
  BOOST_TEST(refusal(o, "") == "the value is empty; expected edge or level");
}

BOOST_AUTO_TEST_CASE(keeps_a_text_as_it_is) {
  for (const std::string text : {"", " a ", "--x", "#", "a\nb", "\u20ac"})
    BOOST_TEST(parse_value(typed(EH_STRING), text).text == text);
  BOOST_TEST(refusal(typed(EH_STRING), "a\0b"s) != "");
  BOOST_TEST(refusal(typed(EH_STRING), "a\xff") != "");
}

BOOST_AUTO_TEST_CASE(reads_addresses_into_one_form) {
  auto o = typed(EH_ADDRESS);
  for (const auto& [text, form] : {std::pair{"8080", ":8080"},
                                   {":8080", ":8080"},
                                   {"127.0.0.1:1", "127.0.0.1:1"},
                                   {"[::1]:2", "[::1]:2"},
                                   {"unix:/a", "unix:/a"},
                                   {"unix:@a", "unix:@a"},
                                   {"", ""}})
    BOOST_TEST(parse_value(o, text).text == form);
  BOOST_TEST(refusal(o, "localhost:80").starts_with("\"localhost:80\" has the name \"localhost\""));
  BOOST_TEST(
      refusal(o, "fd:web").starts_with("\"fd:web\" is a socket of the service manager, which only --listen takes"));
  o.fallback.text = ":80";
  BOOST_TEST(refusal(o, "").starts_with("the address is empty; expected 8080"));
}

BOOST_AUTO_TEST_CASE(makes_paths_absolute) {
  auto o = typed(EH_FILE);
  BOOST_TEST(parse_value(o, "a/../b", "/etc").text == "/etc/b");
  BOOST_TEST(parse_value(o, "/b", "/etc").text == "/b");
  BOOST_TEST(parse_value(o, "b").text == (std::filesystem::current_path() / "b").string());
  BOOST_TEST(parse_value(o, "").text == "");
  BOOST_TEST(refusal(o, "a\0b"s) != "");
  o.fallback.text = "/x";
  BOOST_TEST(refusal(o, "") == "the value is empty; expected the path of a file");
}

BOOST_AUTO_TEST_CASE(looks_for_files_that_must_exist_only) {
  const test::scratch_folder folder;
  const std::string there = folder.write("there", "");
  auto o = typed(EH_FILE);
  const auto fault = [&](const std::string& path) {
    return test::message_of([&] { check_existence(o, parse_value(o, path)); });
  };
  BOOST_TEST(fault("/nonexistent") == "");
  o.flags = EH_MUST_EXIST;
  BOOST_TEST(fault("/nonexistent") == "there is no file \"/nonexistent\"");
  BOOST_TEST(fault(there) == "");
  BOOST_TEST(fault("") == "");
}

BOOST_AUTO_TEST_CASE(writes_what_it_reads) {
  auto choice = typed(EH_CHOICE);
  choice.choices = {"edge", "level"};
  const std::pair<option_description, const char*> cases[] = {
      {typed(EH_FLAG), "on"},     {typed(EH_FLAG), "off"},       {typed(EH_INTEGER), "-7"}, {typed(EH_REAL), "0.1"},
      {typed(EH_SIZE), "64KiB"},  {typed(EH_DURATION), "250ms"}, {typed(EH_STRING), "a b"}, {choice, "level"},
      {typed(EH_REAL), "1e+300"}, {typed(EH_SIZE), "0"},         {typed(EH_DURATION), "0"}};
  for (const auto& [o, text] : cases) BOOST_TEST(format_value(o, parse_value(o, text)) == text);
}

BOOST_AUTO_TEST_SUITE_END()
