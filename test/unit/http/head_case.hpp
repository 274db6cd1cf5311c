// Distributed under the Boost Software License, Version 1.0.
// One row of the tables of request heads, and how a row is checked.

#ifndef EPOLLHOST_TEST_HTTP_HEAD_CASE_HPP
#define EPOLLHOST_TEST_HTTP_HEAD_CASE_HPP

#include <epollhost/http/error.hpp>
#include <epollhost/http/limits.hpp>
#include <epollhost/http/parser.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace http_test {

using epollhost::http::error;
using epollhost::http::limits;

/// A head and what becomes of it.
struct head_case {
  const char* name; ///< finishes the sentence "it ..."
  std::string bytes;
  error why;                       ///< `none`: it is a request
  std::string seen = {};           ///< what `describe` says of the request; not looked at if empty
  void (*tune)(limits&) = nullptr; ///< other than the default limits
};

inline head_case good(const char* name, std::string bytes, std::string seen = {}, void (*tune)(limits&) = nullptr) {
  return {name, std::move(bytes), error::none, std::move(seen), tune};
}
inline head_case bad(const char* name, std::string bytes, error why, void (*tune)(limits&) = nullptr) {
  return {name, std::move(bytes), why, {}, tune};
}
inline head_case partial(const char* name, std::string bytes) { return {name, std::move(bytes), error::need_more}; }

/// Keep a literal's zeros.
template <std::size_t N> std::string raw(const char (&text)[N]) { return std::string(text, N - 1); }

/// Name the methods that a row can be checked with.
inline constexpr epollhost::http::machine all_machines[] = {
    epollhost::http::machine::plain, epollhost::http::machine::sse42, epollhost::http::machine::avx2};

/// Say everything a request view knows, in one line.
std::string describe(const epollhost::http::request& request);

/// Check a row for one kind of machine: whole, cut at every byte, byte by byte, and at the edges of readable memory.
void check(const head_case& row, epollhost::http::machine kind);

std::vector<head_case> request_line_cases();
std::vector<head_case> target_cases();
std::vector<head_case> host_cases();
std::vector<head_case> field_cases();
std::vector<head_case> framing_cases();
std::vector<head_case> connection_cases();
std::vector<head_case> limit_cases();
std::vector<head_case> golden_cases();

} // namespace http_test

#endif
