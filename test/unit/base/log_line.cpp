// Distributed under the Boost Software License, Version 1.0.
// Tests base/log_line: the forms of a line, its escapes, its end.
#include "base/log_line.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

namespace {

using namespace epollhost;
using log::format;
using log::level;

constexpr timespec when{1'700'000'000, 7'000'000};

std::string line(format as, std::string_view who, std::string_view text, level l = level::info) {
  return fmt::to_string(log::format_line(as, when, l, who, text));
}

// What stands between the quotes of "text".
std::string json_text(std::string_view text) {
  const std::string l = line(format::json, "", text);
  const std::size_t at = l.find(R"("text":")") + 8;
  return l.substr(at, l.size() - at - 3);
}

struct in_zone {
  explicit in_zone(const char* zone) { set(zone); }
  ~in_zone() { set("UTC"); }
  static void set(const char* zone) {
    ::setenv("TZ", zone, 1);
    ::tzset();
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(log_line)

BOOST_AUTO_TEST_CASE(has_time_level_who_and_text) {
  const in_zone utc("UTC");
  BOOST_TEST(line(format::text, "http", "Hi") == "2023-11-14 22:13:20.007+00:00 info http: Hi\n");
  BOOST_TEST(line(format::text, "", "Hi", level::error) == "2023-11-14 22:13:20.007+00:00 error Hi\n");
  BOOST_TEST(line(format::json, "http", "Hi", level::debug) ==
             R"({"time":"2023-11-14T22:13:20.007+00:00","level":"debug","who":"http","text":"Hi"})"
             "\n");
}

BOOST_AUTO_TEST_CASE(says_the_zone_in_text) {
  const in_zone east("XXX-05:30");
  BOOST_TEST(line(format::text, "", "").starts_with("2023-11-15 03:43:20.007+05:30 "));
}

BOOST_AUTO_TEST_CASE(says_the_zone_in_json) {
  const in_zone east("XXX-05:30");
  BOOST_TEST(line(format::json, "", "").find("\"2023-11-15T03:43:20.007+05:30\"") != std::string::npos);
  const in_zone west("XXX+03:30");
  BOOST_TEST(line(format::json, "", "").find("\"2023-11-14T18:43:20.007-03:30\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(escapes_control_characters_in_text) {
  BOOST_TEST(line(format::text, "", "a\nb\x1b\x7f\xff").ends_with(" info a\\x0ab\\x1b\\x7f\\xff\n"));
  BOOST_TEST(line(format::text, "a\nb", "").ends_with(" info a\\x0ab: \n"));
}

BOOST_AUTO_TEST_CASE(escapes_for_json) {
  const struct {
    std::string_view name, text, escaped;
  } cases[] = {
      {"quote", "\"", R"(\")"},
      {"backslash", "\\", R"(\\)"},
      {"newline", "\n", R"(\u000a)"},
      {"delete", "\x7f", R"(\u007f)"},
      {"zero", std::string_view("\0", 1), R"(\u0000)"},
      {"two bytes", "\xc3\xa9", "\xc3\xa9"},
      {"three bytes", "\xe2\x82\xac", "\xe2\x82\xac"},
      {"four bytes", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
      {"lone continuation", "\x80!", R"(\ufffd!)"},
      {"cut character", "\xe2\x82", R"(\ufffd\ufffd)"},
      {"cut by another", "\xc3!", R"(\ufffd!)"},
      {"overlong slash", "\xc0\xaf", R"(\ufffd\ufffd)"},
      {"overlong, three bytes", "\xe0\x80\xaf", R"(\ufffd\ufffd\ufffd)"},
      {"overlong, four bytes", "\xf0\x80\x80\xaf", R"(\ufffd\ufffd\ufffd\ufffd)"},
      {"surrogate", "\xed\xa0\x80", R"(\ufffd\ufffd\ufffd)"},
      {"above U+10FFFF", "\xf4\x90\x80\x80", R"(\ufffd\ufffd\ufffd\ufffd)"},
      {"no character", "\xff", R"(\ufffd)"},
  };
  for (const auto& c : cases) BOOST_TEST(json_text(c.text) == c.escaped, c.name);
}

BOOST_AUTO_TEST_CASE(is_never_longer_than_a_pipe_takes_at_once) {
  for (const format as : {format::text, format::json})
    for (const std::string& who : {std::string("w"), std::string(300, 'w'), std::string(300, '\n')})
      for (const std::string c : {"x", "\n", "\"", "\xf0\x9f\x98\x80"}) {
        const std::size_t around = line(as, who, "").size(), each = line(as, who, c).size() - around;
        const std::size_t fits = (log::line_bytes_max - around) / each;
        std::string text;
        for (std::size_t n = 0; n < fits + 5; ++n, text += c) {
          if (n + 5 < fits) continue;
          const std::string l = line(as, who, text);
          BOOST_REQUIRE(l.size() <= log::line_bytes_max);
          BOOST_REQUIRE(l.ends_with(as == format::json ? "\"}\n" : "\n"));
          BOOST_REQUIRE((l.find("...") == std::string::npos) == (n <= fits && who.size() == 1));
        }
      }
}

BOOST_AUTO_TEST_CASE(shows_that_it_was_cut_and_only_then) {
  const std::size_t room = log::line_bytes_max - line(format::text, "", "").size();
  BOOST_TEST(line(format::text, "", std::string(room, 'x')).ends_with("x\n"));
  BOOST_TEST(line(format::text, "", std::string(room, 'x')).size() == log::line_bytes_max);
  BOOST_TEST(line(format::text, "", std::string(room + 1, 'x')).ends_with("x...\n"));
  BOOST_TEST(json_text(std::string(5000, '\n')).ends_with("\\u000a..."));
}

BOOST_AUTO_TEST_CASE(tells_its_level) {
  for (const format as : {format::text, format::json})
    for (const level l : {level::error, level::warning, level::info, level::debug})
      BOOST_TEST(int(log::level_of(as, line(as, "w", "t", l))) == int(l));
  BOOST_TEST(int(log::level_of(format::text, "")) == int(level::info));
  BOOST_TEST(int(log::level_of(format::json, "from somebody else\n")) == int(level::info));
}

// What a terminal obeys, what turns text round, what is not seen: in no form of a line.
BOOST_AUTO_TEST_CASE(shows_what_is_not_visible) {
  const struct {
    std::string_view bytes, text, json;
  } cases[] = {{"\u009b2J", R"(\xc2\x9b2J)", R"(\u009b2J)"},           {"\u202eabc", R"(\xe2\x80\xaeabc)", R"(\u202eabc)"},
               {"\u2028", R"(\xe2\x80\xa8)", R"(\u2028)"},             {"\u2066", R"(\xe2\x81\xa6)", R"(\u2066)"},
               {"\ufeff", R"(\xef\xbb\xbf)", R"(\ufeff)"},             {"\U000e0041", R"(\xf3\xa0\x81\x81)", R"(\udb40\udc41)"},
               {"\x9b", R"(\x9b)", R"(\ufffd)"},                       {"\xc0\x9b", R"(\xc0\x9b)", R"(\ufffd\ufffd)"},
               {"gr\u00fc\u00df dich \U0001f600", "gr\u00fc\u00df dich \U0001f600", "gr\u00fc\u00df dich \U0001f600"}};
  for (const auto& c : cases) {
    BOOST_TEST(line(format::text, "", c.bytes).ends_with(" info " + std::string(c.text) + "\n"));
    BOOST_TEST(json_text(c.bytes) == c.json);
  }
}

BOOST_AUTO_TEST_CASE(is_cut_between_characters_in_text_too) {
  std::string text;
  while (text.size() < 5000) text += "\u00fc";
  const std::string cut = line(format::text, "", text);
  BOOST_TEST(cut.size() <= log::line_bytes_max);
  BOOST_TEST(cut.ends_with("\u00fc...\n"));
}

BOOST_AUTO_TEST_SUITE_END()
