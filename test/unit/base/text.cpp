// Distributed under the Boost Software License, Version 1.0.
// Tests <epollhost/text.hpp>: which characters are visible, and what becomes of the others.
#include <epollhost/text.hpp>

#include <boost/test/unit_test.hpp>

#include <string>

using namespace epollhost;

namespace {

std::string utf8(char32_t c) {
  if (c < 0x80) return {char(c)};
  if (c < 0x800) return {char(0xc0 | c >> 6), char(0x80 | (c & 0x3f))};
  if (c < 0x10000) return {char(0xe0 | c >> 12), char(0x80 | (c >> 6 & 0x3f)), char(0x80 | (c & 0x3f))};
  return {char(0xf0 | c >> 18), char(0x80 | (c >> 12 & 0x3f)), char(0x80 | (c >> 6 & 0x3f)), char(0x80 | (c & 0x3f))};
}

std::string shown(std::string_view text) {
  std::string out;
  append_visible(out, text);
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(text)

BOOST_AUTO_TEST_CASE(reads_every_character_as_it_is_written) {
  for (char32_t c = 0; c <= 0x10ffff; ++c) {
    const std::string bytes = utf8(c);
    const bool surrogate = c >= 0xd800 && c <= 0xdfff;
    if (utf8_length(bytes) != (surrogate ? 0 : bytes.size()) || (!surrogate && utf8_number(bytes) != c))
      BOOST_FAIL("U+" << std::hex << std::uint32_t(c));
  }
}

BOOST_AUTO_TEST_CASE(finds_no_character_in_what_is_none) {
  for (const std::string_view bad : {"\x80", "\xbf", "\xc0\xaf", "\xc1\xbf", "\xc3", "\xe0\x80\xaf", "\xe2\x82", "\xed\xa0\x80",
                                     "\xf0\x80\x80\xaf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xe2(\xa1"})
    BOOST_TEST(utf8_length(bad) == 0u);
  BOOST_TEST(utf8_length("") == 0u);
}

BOOST_AUTO_TEST_CASE(hides_controls_separators_directions_and_what_is_not_seen) {
  for (char32_t c = 0; c < 0xa0; ++c) BOOST_TEST((is_visible(c) == (c >= 0x20 && c < 0x7f)));
  for (const char32_t c : {0xadu, 0x61cu, 0x200bu, 0x200eu, 0x200fu, 0x2028u, 0x2029u, 0x202au, 0x202eu, 0x2060u, 0x2066u,
                           0x2069u, 0x206fu, 0xfeffu, 0xfff9u, 0xfffbu, 0xfffeu, 0xffffu, 0xfdd0u, 0x1ffffu, 0xe0001u,
                           0xe007fu, 0x10ffffu, 0xd800u, 0x110000u})
    BOOST_TEST(!is_visible(char32_t(c)), "U+" << std::hex << std::uint32_t(c) << " is visible");
  for (const char32_t c : {U'a', U'\u00a0', U'\u00fc', U'\u05d0', U'\u0627', U'\u20ac', U'\u4e2d', U'\U0001f600'})
    BOOST_TEST(is_visible(c), "U+" << std::hex << std::uint32_t(c) << " is hidden");
}

BOOST_AUTO_TEST_CASE(shows_the_bytes_of_what_it_hides) {
  BOOST_TEST(shown("plain") == "plain");
  BOOST_TEST(shown("a\x1b[2Jb\n") == R"(a\x1b[2Jb\x0a)");
  BOOST_TEST(shown("\u009b\u202e") == R"(\xc2\x9b\xe2\x80\xae)");
  BOOST_TEST(shown("\xe2\x82!") == R"(\xe2\x82!)");
  BOOST_TEST(is_visible(std::string_view("gr\u00fcn")));
  BOOST_TEST(!is_visible(std::string_view("gr\u2028n")));
  BOOST_TEST(is_visible(std::string_view()));
}

BOOST_AUTO_TEST_SUITE_END()
