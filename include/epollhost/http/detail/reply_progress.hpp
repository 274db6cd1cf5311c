// Distributed under the Boost Software License, Version 1.0.
// What is known of an answer that takes more than one call. Plugins may include this.

#ifndef EPOLLHOST_HTTP_DETAIL_REPLY_PROGRESS_HPP
#define EPOLLHOST_HTTP_DETAIL_REPLY_PROGRESS_HPP

#include <epollhost/http/detail/head_writer.hpp>

#include <cstdint>

namespace epollhost::http::detail {

/// How far an answer is. A value, kept by the session between two calls.
struct reply_progress {
  persistence kind = persistence::keep;
  bool head_only = false;  ///< the request was a HEAD
  bool http_1_0 = false;   ///< chunks are not understood
  bool begun = false;      ///< the head was sent, pieces follow
  bool no_content = false; ///< pieces are dropped: HEAD, 204, 304
  delimiter by = delimiter::length;
  std::uint64_t left = 0;   ///< of the content's promised size
  std::uint64_t number = 0; ///< of the exchange, in this worker; 0 until the handler asks for it

  /// A token has the number above so many bits of the handler's own.
  static constexpr unsigned what_bits = 16;
};

} // namespace epollhost::http::detail

#endif
