// Distributed under the Boost Software License, Version 1.0.
// Tests which media type a name has.
#include "media_types.hpp"

#include <boost/test/unit_test.hpp>

namespace {

files::media_types table(std::string_view charset = "utf-8") {
  files::media_types types{"application/octet-stream", charset};
  types.read("# a remark\n\ntext/own\t own  HTML # behind\nimage/none\n  audio/x  x\r\n");
  types.read(files::usual_types);
  return types;
}

} // namespace

BOOST_AUTO_TEST_SUITE(media_types)

BOOST_AUTO_TEST_CASE(finds_the_type_by_the_end_of_the_name) {
  const auto types = table();
  const auto of = [&](std::string_view name) { return std::string{types.of(name)}; };
  BOOST_TEST(of("a/b.css") == "text/css; charset=utf-8");
  BOOST_TEST(of("a.tar.gz") == "application/gzip");
  BOOST_TEST(of("A.PNG") == "image/png");
  BOOST_TEST(of("a.js") == "text/javascript; charset=utf-8");
  BOOST_TEST(of("a.x") == "audio/x");
  BOOST_TEST(of(".css") == "text/css; charset=utf-8");
}

BOOST_AUTO_TEST_CASE(takes_what_was_read_first) {
  BOOST_TEST(table().of("a.html") == std::string{"text/own; charset=utf-8"});
  BOOST_TEST(table("").of("a.html") == std::string{"text/own"});
}

BOOST_AUTO_TEST_CASE(gives_the_default_to_what_has_no_known_end) {
  for (const std::string name : {"a", "a.", "a.unknown", "css", "a.css/b", "", ".", "remark", "a.none",
                                 "a.0123456789012345678901234567890", "a.01234567890123456789012345678901"})
    BOOST_TEST(table().of(name) == std::string{"application/octet-stream"});
}

BOOST_AUTO_TEST_CASE(takes_no_type_that_cannot_stand_in_a_field) {
  files::media_types types{"a/other", ""};
  types.read("a/\x01 x\na/\x7f y\n");
  BOOST_TEST(types.of("x.x") == std::string{"a/other"});
  BOOST_TEST(types.of("x.y") == std::string{"a/other"});
}

BOOST_AUTO_TEST_CASE(takes_an_end_of_32_bytes_and_no_longer_one) {
  files::media_types types{"a/other", ""};
  const std::string end(32, 'e');
  types.read("a/b " + end + "\na/c " + end + "e\n");
  BOOST_TEST(types.of("x." + end) == std::string{"a/b"});
  BOOST_TEST(types.of("x." + end + "e") == std::string{"a/other"});
}

BOOST_AUTO_TEST_SUITE_END()
