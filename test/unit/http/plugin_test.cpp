// Distributed under the Boost Software License, Version 1.0.
// The plugin of one function, as the documentation shows it.

#include <epollhost/http/plugin.hpp>

#include "memory_worker.hpp"
#include "session_case.hpp"

#include <boost/test/unit_test.hpp>

namespace eh = epollhost;

static eh::http::response hello(const eh::http::request& request) {
  return request.target() == "/" ? eh::http::text("Hello, world!") : eh::http::not_found();
}
EPOLLHOST_HTTP_PLUGIN(hello, "1.0.0", "greets", ":8080", hello)

using namespace http_test;

BOOST_AUTO_TEST_SUITE(function_plugin)

BOOST_AUTO_TEST_CASE(says_what_it_is) {
  BOOST_TEST(std::string{epollhost_plugin.name} == "hello");
  BOOST_TEST(std::string{epollhost_plugin.version} == "1.0.0");
  BOOST_TEST(std::string{epollhost_plugin.summary} == "greets");
  BOOST_TEST(std::string{epollhost_plugin.listen} == ":8080");
}

BOOST_AUTO_TEST_CASE(answers_what_the_function_returns) {
  memory_worker worker{epollhost_plugin};
  worker.open();
  worker.feed("GET / HTTP/1.1\r\nHost: a\r\n\r\nPOST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx");
  BOOST_TEST(simplify(worker.output) == ok("Hello, world!") + refused("404 Not Found", "", ""));
}

BOOST_AUTO_TEST_SUITE_END()
