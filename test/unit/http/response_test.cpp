// Distributed under the Boost Software License, Version 1.0.
// Makes responses, and refuses what would break a message.

#include <epollhost/http/response.hpp>

#include <boost/test/unit_test.hpp>

namespace http = epollhost::http;

BOOST_AUTO_TEST_SUITE(response)

BOOST_AUTO_TEST_CASE(keeps_a_string) {
  std::string content = "a string that is too long for the place within the object";
  const http::response made = http::text(content);
  content.assign(content.size(), 'x');
  BOOST_TEST(made.content().starts_with("a string"));
}

BOOST_AUTO_TEST_CASE(views_a_literal) {
  static constexpr char literal[] = "Hello";
  BOOST_TEST(http::text(literal).content().data() == &literal[0]);
}

BOOST_AUTO_TEST_CASE(gathers_fields) {
  const http::response made = http::response{201}.field("A", "b").field("C-D", "");
  BOOST_TEST(made.status() == 201u);
  BOOST_TEST(made.field_lines() == "A: b\r\nC-D: \r\n");
}

BOOST_AUTO_TEST_CASE(refuses_a_line_end_in_a_value) {
  for (const char* value : {"a\r\nSet-Cookie: b", "a\nb", "a\rb", "\x01"})
    BOOST_CHECK_THROW(http::redirect(value), std::invalid_argument);
  BOOST_CHECK_THROW(http::response{}.field("A", std::string_view{"a\0b", 3}), std::invalid_argument);
  BOOST_CHECK_THROW(http::response{}.content_type("text/plain\r\nA: b"), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(refuses_a_name_that_is_no_token) {
  for (const char* name : {"", "A B", "A:", "A\r\nB", "\xc3\xa4"})
    BOOST_CHECK_THROW(http::response{}.field(name, "b"), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(refuses_fields_that_are_the_sessions) {
  for (const char* name : {"Date", "content-length", "CONNECTION", "Transfer-Encoding", "Content-Type"})
    BOOST_CHECK_THROW(http::response{}.field(name, "b"), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(refuses_a_status_that_is_not_final) {
  for (const unsigned status : {0u, 100u, 199u, 600u, 1000u})
    BOOST_CHECK_THROW(http::response{status}, std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(makes_the_usual_ones) {
  BOOST_TEST(http::not_found().status() == 404u);
  BOOST_TEST(http::no_content().status() == 204u);
  BOOST_TEST(http::bad_request("why").content() == "why");
  BOOST_TEST(http::json("{}").content_type() == "application/json");
  BOOST_TEST(http::html("<p>").content_type() == "text/html; charset=utf-8");
  BOOST_TEST(http::redirect("/b", 308).field_lines() == "Location: /b\r\n");
}

BOOST_AUTO_TEST_SUITE_END()
