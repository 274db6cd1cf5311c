// Distributed under the Boost Software License, Version 1.0.
// Names methods.

#include <epollhost/http/method.hpp>

#include <boost/test/unit_test.hpp>

namespace http = epollhost::http;

BOOST_AUTO_TEST_SUITE(method)

BOOST_AUTO_TEST_CASE(knows_the_nine) {
  BOOST_TEST((http::method_of("GET") == http::method::get));
  BOOST_TEST((http::method_of("HEAD") == http::method::head));
  BOOST_TEST((http::method_of("POST") == http::method::post));
  BOOST_TEST((http::method_of("PUT") == http::method::put));
  BOOST_TEST((http::method_of("DELETE") == http::method::erase));
  BOOST_TEST((http::method_of("CONNECT") == http::method::connect));
  BOOST_TEST((http::method_of("OPTIONS") == http::method::options));
  BOOST_TEST((http::method_of("TRACE") == http::method::trace));
  BOOST_TEST((http::method_of("PATCH") == http::method::patch));
}

BOOST_AUTO_TEST_CASE(is_case_sensitive) {
  BOOST_TEST((http::method_of("get") == http::method::other));
  BOOST_TEST((http::method_of("Post") == http::method::other));
}

BOOST_AUTO_TEST_CASE(knows_no_others) {
  for (const char* name : {"", "G", "GE", "GETS", "BREW", "PROPFIND", "DELETED", "OPTION", "PRI"})
    BOOST_TEST((http::method_of(name) == http::method::other), name);
}

BOOST_AUTO_TEST_SUITE_END()
