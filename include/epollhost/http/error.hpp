// Distributed under the Boost Software License, Version 1.0.
// What can be wrong with a request, and the status that says so. Plugins may include this.

#ifndef EPOLLHOST_HTTP_ERROR_HPP
#define EPOLLHOST_HTTP_ERROR_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace epollhost::http {

/// Name the outcome of reading a piece of a message.
/// `none` and `need_more` are no faults; every other value ends the connection after its status was sent, because the
/// place where the next request begins is no longer known (RFC 9112 section 6.3, 9.6).
enum class error : std::uint8_t {
  none,
  need_more,
  empty_lines,         ///< more empty lines before the request line than the limit (RFC 9112 section 2.2)
  line_end,            ///< a CR without its LF, or in strict mode an LF without its CR (RFC 9112 section 2.2)
  method_syntax,       ///< the method is no token (RFC 9112 section 3.1)
  method_long,         ///< the method is longer than any that exists
  target_syntax,       ///< a byte that no target may hold, or none of the four forms (RFC 9112 section 3.2)
  target_long,         ///< the target is longer than the limit
  target_form,         ///< the form does not fit the method (RFC 9112 section 3.2.3, 3.2.4)
  version_syntax,      ///< no `HTTP/d.d` (RFC 9112 section 2.3)
  version_unsupported, ///< a major version other than 1
  field_name,          ///< no token before the colon, or white space there (RFC 9112 section 5.1)
  field_fold,          ///< a line that begins with white space (RFC 9112 section 5.2)
  field_value,         ///< a control character in a value (RFC 9110 section 5.5)
  head_large,          ///< the head is larger than the limit
  fields_many,         ///< more fields than the limit
  host_missing,        ///< HTTP/1.1 without Host (RFC 9112 section 3.2)
  host_repeated,       ///< more than one Host
  host_syntax,         ///< Host is no `uri-host [":" port]`
  length_syntax,       ///< Content-Length is no number, or one that does not fit (RFC 9110 section 8.6)
  length_conflict,     ///< two different Content-Length values
  length_and_coding,   ///< Content-Length beside Transfer-Encoding (RFC 9112 section 6.1)
  coding_version,      ///< Transfer-Encoding in HTTP/1.0 (RFC 9112 section 6.1)
  coding_syntax,       ///< Transfer-Encoding that does not end in one `chunked`
  coding_unsupported,  ///< a known coding before `chunked` that this library does not undo
  chunk_size,          ///< a chunk size that is no bounded hexadecimal number (RFC 9112 section 7.1)
  chunk_extension,     ///< a chunk extension that is malformed or longer than the limit (RFC 9112 section 7.1.1)
  chunk_end,           ///< chunk data without CRLF behind it
  body_large,          ///< the body is larger than the limit
  trailer_syntax,      ///< a malformed trailer section (RFC 9112 section 7.1.2)
  trailer_large,       ///< a trailer section larger than the limits
};

namespace detail {
struct error_row {
  std::uint16_t status;
  std::string_view text;
};

inline constexpr std::array<error_row, 31> error_rows{{
    {200, "no error"},
    {200, "more bytes are needed"},
    {400, "too many empty lines before the request"},
    {400, "a line does not end in CRLF"},
    {400, "the method is not a token"},
    {501, "the method is too long"},
    {400, "the target is malformed"},
    {414, "the target is too long"},
    {400, "the target's form does not fit the method"},
    {400, "the version is malformed"},
    {505, "only HTTP/1 is spoken here"},
    {400, "a field name is malformed"},
    {400, "a field line is folded"},
    {400, "a field value holds a control character"},
    {431, "the head is too large"},
    {431, "there are too many fields"},
    {400, "Host is missing"},
    {400, "Host is repeated"},
    {400, "Host is malformed"},
    {400, "Content-Length is malformed"},
    {400, "Content-Length has two values"},
    {400, "Content-Length and Transfer-Encoding are both there"},
    {400, "Transfer-Encoding does not exist in HTTP/1.0"},
    {400, "Transfer-Encoding is malformed"},
    {501, "the transfer coding is not supported"},
    {400, "a chunk size is malformed"},
    {400, "a chunk extension is malformed"},
    {400, "a chunk does not end in CRLF"},
    {413, "the body is too large"},
    {400, "a trailer field is malformed"},
    {431, "the trailer section is too large"},
}};
} // namespace detail

/// Return the status code that answers this error; 200 for `none` and `need_more`.
constexpr unsigned status_of(error why) noexcept { return detail::error_rows[static_cast<std::size_t>(why)].status; }

/// Return the error in words, without a full stop; the text lives as long as the program.
constexpr std::string_view text_of(error why) noexcept {
  return detail::error_rows[static_cast<std::size_t>(why)].text;
}

} // namespace epollhost::http

#endif
