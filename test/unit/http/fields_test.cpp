// Distributed under the Boost Software License, Version 1.0.
// Looks fields up in a request.

#include <epollhost/http/fields.hpp>

#include <epollhost/http/parser.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace http = epollhost::http;

namespace {

constexpr std::string_view head = "GET / HTTP/1.1\r\nHost: a\r\nX-One: 1\r\nx-two: 2\r\nX-ONE: 3\r\nEmpty:\r\n\r\n";

struct parsed {
  http::request request;
  parsed() {
    http::head_position position{};
    BOOST_REQUIRE(http::parse_head(head, {}, position, request).done());
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(fields, parsed)

BOOST_AUTO_TEST_CASE(finds_a_field_in_any_case) {
  BOOST_TEST(request.find("X-TWO").value() == "2");
  BOOST_TEST(request.find("x-two").value() == "2");
}

BOOST_AUTO_TEST_CASE(finds_the_first_of_several) { BOOST_TEST(request.find("x-one").value() == "1"); }

BOOST_AUTO_TEST_CASE(counts_several) {
  BOOST_TEST(request.fields().count("x-one") == 2u);
  BOOST_TEST(request.fields().count("x-on") == 0u);
}

BOOST_AUTO_TEST_CASE(finds_an_empty_value) {
  BOOST_REQUIRE(request.find("empty").has_value());
  BOOST_TEST(request.find("empty")->empty());
}

BOOST_AUTO_TEST_CASE(finds_nothing_that_is_not_there) {
  BOOST_TEST(!request.find("x-three").has_value());
  BOOST_TEST(!request.find("").has_value());
  BOOST_TEST(!request.find("x-on\x05").has_value()); // differs from x-one only in the bit for case
}

BOOST_AUTO_TEST_CASE(visits_all_in_order) {
  std::string seen;
  for (const http::field& f : request.fields()) seen += std::string{f.name} + "=" + std::string{f.value} + ";";
  BOOST_TEST(seen == "Host=a;X-One=1;x-two=2;X-ONE=3;Empty=;");
}

BOOST_AUTO_TEST_CASE(works_with_algorithms) {
  const auto found = std::find_if(request.fields().begin(), request.fields().end(),
                                  [](const http::field& f) { return f.value == "3"; });
  BOOST_REQUIRE((found != request.fields().end()));
  BOOST_TEST((*found).name == "X-ONE");
}

BOOST_AUTO_TEST_SUITE_END()
