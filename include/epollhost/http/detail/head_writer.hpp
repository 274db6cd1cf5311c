// Distributed under the Boost Software License, Version 1.0.
// Writes the head of an answer. Plugins may include this.

#ifndef EPOLLHOST_HTTP_DETAIL_HEAD_WRITER_HPP
#define EPOLLHOST_HTTP_DETAIL_HEAD_WRITER_HPP

#include <epollhost/http/status.hpp>

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace epollhost::http {

/// What an answer says of the connection: nothing, for HTTP/1.1 and later; that it lives on, for HTTP/1.0, where that
/// is the exception; or that it closes (RFC 9112 section 9).
enum class persistence : std::uint8_t { keep, keep_1_0, close };

namespace detail {

/// How the end of an answer's content is told: by its size, by chunks, or by the end of the connection, which is all
/// that HTTP/1.0 has for content of unknown size.
enum class delimiter : std::uint8_t { length, chunks, end };

/// The parts of a head. `content_type` and `lines` may be empty; `lines` end in CRLF each.
struct head_parts {
  unsigned status;
  persistence connection;
  std::string_view date;
  std::string_view content_type;
  std::string_view lines;
  std::uint64_t content_bytes;
  delimiter by = delimiter::length;
};

/// Append the head with its empty line to anything with `append(string_view)`. Answers where the date stands.
/// Content-Length is left out where no content may be (RFC 9110 section 8.6).
template <class Sink> std::size_t write_head(Sink& sink, const head_parts& parts) {
  std::array<char, 20> digits;
  const auto number = [&digits](std::uint64_t value) {
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    return std::string_view{digits.data(), static_cast<std::size_t>(end - digits.data())};
  };
  sink.append("HTTP/1.1 ");
  sink.append(number(parts.status));
  sink.append(" ");
  sink.append(reason_of(parts.status));
  sink.append("\r\nDate: ");
  const std::size_t date_at = sink.size();
  sink.append(parts.date);
  if (!parts.content_type.empty()) {
    sink.append("\r\nContent-Type: ");
    sink.append(parts.content_type);
  }
  if (parts.by == delimiter::chunks) sink.append("\r\nTransfer-Encoding: chunked");
  if (parts.by == delimiter::length && !is_bodiless(parts.status)) {
    sink.append("\r\nContent-Length: ");
    sink.append(number(parts.content_bytes));
  }
  sink.append("\r\n");
  if (parts.connection == persistence::close) sink.append("Connection: close\r\n");
  if (parts.connection == persistence::keep_1_0) sink.append("Connection: keep-alive\r\n");
  sink.append(parts.lines);
  sink.append("\r\n");
  return date_at;
}

/// Append the line that begins a chunk (RFC 9112 section 7.1). `bytes` is not 0, which would end the content.
template <class Sink> void write_chunk_size(Sink& sink, std::uint64_t bytes) {
  std::array<char, 16> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), bytes, 16).ptr;
  sink.append(std::string_view{digits.data(), static_cast<std::size_t>(end - digits.data())});
  sink.append("\r\n");
}

} // namespace detail
} // namespace epollhost::http

#endif
