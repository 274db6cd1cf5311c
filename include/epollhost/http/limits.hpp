// Distributed under the Boost Software License, Version 1.0.
// The bounds of a message, each with its name and default. Plugins may include this.

#ifndef EPOLLHOST_HTTP_LIMITS_HPP
#define EPOLLHOST_HTTP_LIMITS_HPP

#include <cstddef>
#include <cstdint>

namespace epollhost::http {

/// The most fields that a message can have, whatever `limits::fields_max` says: the request view keeps them in place.
inline constexpr std::size_t fields_capacity = 128;

/// The most bytes that a head can have, whatever `limits::head_bytes_max` says.
inline constexpr std::uint32_t head_bytes_capacity = 128 * 1024;

/// Bound a message. A value at the limit is accepted, the limit and one more is refused with the status named.
struct limits {
  std::uint32_t head_bytes_max = 16 * 1024;      ///< request line, fields and all line ends; 431
  std::uint32_t target_bytes_max = 8 * 1024;     ///< 414
  std::uint16_t fields_max = 100;                ///< at most `fields_capacity`; 431
  std::uint16_t method_bytes_max = 32;           ///< 501
  std::uint16_t empty_lines_max = 4;             ///< before the request line; 400
  bool strict = false;                           ///< refuse a bare LF in the head and bytes that RFC 3986 does not name
  std::uint64_t body_bytes_max = 1024 * 1024;    ///< of content, without framing; 413
  std::uint16_t chunk_extension_bytes_max = 256; ///< for each chunk; 400
  std::uint32_t trailer_bytes_max = 8 * 1024;    ///< 431
  std::uint16_t trailer_fields_max = 32;         ///< at most `fields_capacity`; 431
};

} // namespace epollhost::http

#endif
