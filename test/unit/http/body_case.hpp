// Distributed under the Boost Software License, Version 1.0.
// One row of the table of bodies, and how a row is checked.

#ifndef EPOLLHOST_TEST_HTTP_BODY_CASE_HPP
#define EPOLLHOST_TEST_HTTP_BODY_CASE_HPP

#include "head_case.hpp"

namespace http_test {

/// A body and what becomes of it. What is left behind the body is expected to be "rest" if the row says `none`.
struct body_case {
  const char* name;    ///< finishes the sentence "it ..."
  std::string framing; ///< the field that says how the body ends
  std::string bytes;   ///< the body, without "rest"
  error why;           ///< `none`: it is whole; `need_more`: it is not
  std::string content = {};
  std::string trailers = {}; ///< as "[name|value]" each
  void (*tune)(limits&) = nullptr;
};

/// Check a row: whole, cut at every byte, byte by byte. `kind` is that of the parser of heads; trailers use the best.
void check(const body_case& row, epollhost::http::machine kind);

std::vector<body_case> body_cases();

} // namespace http_test

#endif
