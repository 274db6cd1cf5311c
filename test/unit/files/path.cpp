// Distributed under the Boost Software License, Version 1.0.
// Tests which name a path asks for, and which it must not reach.
#include "path.hpp"

#define BOOST_TEST_MODULE files
#include <boost/test/unit_test.hpp>

#include <string>

namespace {

struct row {
  std::string path;
  unsigned status;
  std::string name = {};
  bool folder = false;
};

const row rows[] = {
    {"/", 0, "", true},
    {"/a", 0, "a"},
    {"/a/", 0, "a", true},
    {"/a/b.html", 0, "a/b.html"},
    {"//", 0, "", true},
    {"//etc/passwd", 0, "etc/passwd"},
    {"/a//b///c", 0, "a/b/c"},
    {"/%41%62", 0, "Ab"},
    {"/a%20b", 0, "a b"},
    {"/%c3%a4", 0, "\xc3\xa4"},
    {"/%C3%A4", 0, "\xc3\xa4"},
    {"/100%25", 0, "100%"},
    {"/%2541", 0, "%41"}, // decoded once
    {"/a+b", 0, "a+b"},   // no form
    {"/a\\b", 0, "a\\b"}, // a byte like others
    {"/a%5c..%5cb", 0, "a\\..\\b"},
    {"/a%3fb", 0, "a?b"},
    {"/a..b", 0, "a..b"},
    {"/a.", 0, "a."},
    {"/.well-known/x", 0, ".well-known/x"},
    {"", 400},
    {"*", 400},
    {"a", 400},
    {"/%", 400},
    {"/a%", 400},
    {"/a%4", 400},
    {"/%4/1", 400},
    {"/%zz", 400},
    {"/%4g", 400},
    {"/%g4", 400},
    {"/%00", 400},
    {"/a%00.html", 400},
    {"/.git/%00", 400},
    {"/a%2fb", 404},
    {"/a%2Fb", 404},
    {"/%2fetc/passwd", 404},
    {"/..%2f..%2fetc%2fpasswd", 404},
    {"/.", 404},
    {"/..", 404},
    {"/../etc/passwd", 404},
    {"/a/../b", 404},
    {"/a/./b", 404},
    {"/%2e%2e/etc/passwd", 404},
    {"/%2E./x", 404},
    {"/.%2e/x", 404},
    {"/..%5c..%5cx", 404},
    {"/.git/config", 404},
    {"/a/.htaccess", 404},
    {"/a/.well-known/x", 404},
    {"/.well-known/.x", 404},
    {"/.well-knownx", 404},
};

std::string encoded(std::string_view name) {
  std::string out;
  files::append_encoded(out, name);
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(path)

BOOST_AUTO_TEST_CASE(takes_what_names_a_file_and_refuses_the_rest) {
  for (const row& r : rows) {
    const files::asked got = files::decode_path(r.path);
    BOOST_TEST_CONTEXT(r.path) {
      BOOST_TEST(got.status == r.status);
      if (r.status != 0) continue;
      BOOST_TEST(got.name == r.name);
      BOOST_TEST(got.folder == r.folder);
    }
  }
}

// Whatever the bytes are: nothing that is taken climbs, begins at the real root, or holds a NUL.
BOOST_AUTO_TEST_CASE(takes_no_name_that_climbs) {
  const std::string parts[] = {"/", ".", "..", "%2e", "%2f", "a", "%00", "\\", "%5c", "%"};
  for (const auto& a : parts)
    for (const auto& b : parts)
      for (const auto& c : parts)
        for (const auto& d : parts) {
          const files::asked got = files::decode_path("/" + a + b + c + d);
          if (got.status != 0) continue;
          BOOST_TEST(!got.name.starts_with('/'));
          BOOST_TEST(("/" + got.name + "/").find("/../") == std::string::npos);
          BOOST_TEST(got.name.find('\0') == std::string::npos);
        }
}

BOOST_AUTO_TEST_CASE(encodes_what_could_end_a_field_or_an_attribute) {
  BOOST_TEST(encoded("a/b-._~9") == "a/b-._~9");
  BOOST_TEST(encoded("a b\r\n\"'<>&?#%:\\\x7f\xc3") == "a%20b%0D%0A%22%27%3C%3E%26%3F%23%25%3A%5C%7F%C3");
}

BOOST_AUTO_TEST_CASE(decodes_what_it_has_encoded) {
  std::string all;
  for (int c = 1; c < 256; ++c)
    if (c != '/') all += static_cast<char>(c);
  BOOST_TEST((files::decode_path("/" + encoded(all)).name == all));
}

BOOST_AUTO_TEST_SUITE_END()
