// Distributed under the Boost Software License, Version 1.0.
// Gathers the fields that decide where a message ends and whether the connection lives. Plugins may include this.

#ifndef EPOLLHOST_HTTP_DETAIL_FRAMING_HPP
#define EPOLLHOST_HTTP_DETAIL_FRAMING_HPP

#include <epollhost/http/detail/chars.hpp>
#include <epollhost/http/error.hpp>

#include <cstdint>
#include <string_view>

namespace epollhost::http::detail {

/// What the control fields of one head said so far. Lives on the parser's stack for one head.
///
/// Errors found in a field are kept and reported when the head is complete, the gravest first: so the answer depends on
/// the head alone, never on how its bytes were cut into pieces.
struct control_fields {
  bool any = false; ///< one of them was there
  std::uint64_t length = 0;
  error length_error = error::none;
  error coding_error = error::none;
  bool has_length = false;
  bool has_coding = false;
  bool chunked = false;
  bool close = false;
  bool keep_alive = false;
  bool expects_continue = false;
  bool expects_other = false;

  void fail_length(error why) noexcept {
    if (length_error == error::none) length_error = why;
  }

  /// Take one element of Content-Length: digits only, and the same number as before (RFC 9110 section 8.6).
  bool add_length_element(std::string_view text) noexcept {
    if (text.empty()) return fail_length(error::length_syntax), false;
    std::uint64_t value = 0;
    for (const char c : text) {
      if (!is(c, char_digit)) return fail_length(error::length_syntax), false;
      if (__builtin_mul_overflow(value, std::uint64_t{10}, &value) ||
          __builtin_add_overflow(value, static_cast<std::uint64_t>(c - '0'), &value))
        return fail_length(error::length_syntax), false;
    }
    if (has_length && value != length) return fail_length(error::length_conflict), false;
    has_length = true;
    length = value;
    return true;
  }

  void add_length(std::string_view value) noexcept {
    each_element(value, [this](std::string_view text) { return add_length_element(text); });
    has_length = true;
  }

  /// Say whether this is a registered coding that we do not undo (RFC 9112 section 7.2).
  static constexpr bool is_known_coding(std::string_view text) noexcept {
    return iequals(text, "gzip") || iequals(text, "x-gzip") || iequals(text, "deflate") || iequals(text, "compress") ||
           iequals(text, "x-compress");
  }

  /// Take one element of Transfer-Encoding. Only a single `chunked` and nothing else is read here; a known coding
  /// before it is 501, everything else, an empty element too, may be an attempt to disguise it and is 400 (RFC
  /// 9112 6.1, 6.3).
  bool add_coding_element(std::string_view text) noexcept {
    if (iequals(text, "chunked") && !chunked) {
      chunked = true;
      return true;
    }
    if (is_known_coding(text) && !chunked) {
      coding_error = error::coding_unsupported;
      return true;
    }
    coding_error = error::coding_syntax;
    return false;
  }

  void add_coding(std::string_view value) noexcept {
    has_coding = true;
    if (coding_error == error::coding_syntax) return;
    each_element(value, [this](std::string_view text) { return add_coding_element(text); });
  }

  /// Take a Connection field, which is a list (RFC 9110 section 7.6.1).
  void add_connection(std::string_view value) noexcept {
    if (value == "keep-alive") { // as browsers say
      keep_alive = true;
      return;
    }
    each_element(value, [this](std::string_view text) {
      if (iequals(text, "close")) close = true;
      if (iequals(text, "keep-alive")) keep_alive = true;
      return true;
    });
  }

  /// Take an Expect field, a list of which only one element has a meaning (RFC 9110 section 10.1.1).
  void add_expect(std::string_view value) noexcept {
    each_element(value, [this](std::string_view text) {
      if (iequals(text, "100-continue"))
        expects_continue = true;
      else
        expects_other = true;
      return true;
    });
  }

  /// Return the first fault in how the end of the message is given (RFC 9112 section 6.1, 6.3).
  error framing_error(bool http_1_0) const noexcept {
    if (has_coding) {
      if (http_1_0) return error::coding_version;
      if (has_length) return error::length_and_coding;
      if (coding_error == error::coding_syntax || !chunked) return error::coding_syntax;
      return coding_error;
    }
    return length_error;
  }
};

} // namespace epollhost::http::detail

#endif
