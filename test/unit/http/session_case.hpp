// Distributed under the Boost Software License, Version 1.0.
// One row of the table of conversations, and how a row is checked.

#ifndef EPOLLHOST_TEST_HTTP_SESSION_CASE_HPP
#define EPOLLHOST_TEST_HTTP_SESSION_CASE_HPP

#include "head_case.hpp"

namespace http_test {

/// How a conversation is left: open, closed, or closed while the peer may still be sending.
enum class left { open, closed, lingering };

/// Requests and the answers to them. In the answers "<date>" stands for any date, and CRLF is written "\n".
struct session_case {
  const char* name; ///< finishes the sentence "it ..."
  std::string requests;
  std::string answers;
  left how = left::open;
  std::vector<std::string> options = {}; ///< "name=value" each
};

/// Check a row: whole, cut at every byte, byte by byte.
void check(const session_case& row, epollhost::http::machine kind);

std::vector<session_case> session_cases();

/// Write the answer of the test's handler as a row has it.
std::string ok(const std::string& content, const std::string& more = {});

/// Write an answer of the session's own.
std::string refused(const std::string& status, const std::string& why = {},
                    const std::string& more = "Connection: close\n");

/// Put "<date>" for dates and "\n" for CRLF.
std::string simplify(std::string answers);

} // namespace http_test

#endif
