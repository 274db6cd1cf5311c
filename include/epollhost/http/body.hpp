// Distributed under the Boost Software License, Version 1.0.
// Reads the body behind a head, piece by piece and without copying. Plugins may include this.

#ifndef EPOLLHOST_HTTP_BODY_HPP
#define EPOLLHOST_HTTP_BODY_HPP

#include <epollhost/http/detail/chars.hpp>
#include <epollhost/http/error.hpp>
#include <epollhost/http/limits.hpp>
#include <epollhost/http/parser.hpp>
#include <epollhost/http/request.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace epollhost::http {

/// What one call of `body_reader::read` found: at most one piece of content.
struct body_piece {
  std::size_t used = 0;    ///< bytes of input that are done with; the data is among them
  std::string_view data;   ///< content, a view of the input; may be empty
  error why = error::none; ///< `none`: go on with the rest; `need_more`: of the bytes not used; else the fault
  bool done = false;       ///< the body has ended; what follows belongs to the next message
};

/// Read one body of known framing.
/// Owns nothing but its place: 24 bytes that a connection keeps between two pieces of input. The moves:
///
///     length:   data ---------------------------------------------------------------> done
///     chunked:  size_first -> size -> (blank) -> (extension) -> size_lf -> data -> data_cr -> data_lf -> size_first ...
///                                                                      `-> trailers (size 0) -> done
///
/// Content, sizes and extensions are taken however they are cut. Only a trailer section must be contiguous, as a head.
/// Thread: as any value. Source: RFC 9112 sections 6 and 7.
class body_reader {
public:
  body_reader() = default; ///< of a message without a body: done

  /// Begin the body of a request whose head was read.
  explicit body_reader(const request& head) noexcept {
    if (head.framing() == framing::chunked)
      at_ = place::size_first;
    else if (head.content_length() != 0)
      at_ = place::length_data;
    left_ = head.content_length();
  }

  bool done() const noexcept { return at_ == place::done; }

  /// Return how many bytes of content were read so far.
  std::uint64_t content_bytes() const noexcept { return content_; }

  /// Return how many bytes of content are known to come: all of them with Content-Length, of the chunk otherwise.
  std::uint64_t left() const noexcept { return at_ == place::length_data || at_ == place::data ? left_ : 0; }

  /// Say whether the body's declared size is above the limit: known before any of it is read (413).
  bool is_over(const limits& bounds) const noexcept {
    return at_ == place::length_data && left_ > bounds.body_bytes_max;
  }

  /// Read up to the end of the next piece of content.
  /// @param in       input from where the last call's `used` ended, with at least what was there then.
  /// @param trailers filled if the piece says `done` and the body is chunked; untouched otherwise, and while the
  /// section
  ///                 is being read of no meaning.
  /// Errors: `chunk_size`, `chunk_extension`, `chunk_end`, `body_large`, `trailer_syntax`, `trailer_large`.
  body_piece read(std::string_view in, const limits& bounds, fields& trailers) noexcept {
    if (at_ == place::done) return {0, {}, error::none, true};
    if (at_ == place::length_data && left_ > bounds.body_bytes_max - content_) return {0, {}, error::body_large, false};
    std::size_t used = 0;
    while (used < in.size()) {
      if (at_ == place::length_data || at_ == place::data) return take_data(in, used);
      if (at_ == place::trailers) return take_trailers(in, used, bounds, trailers);
      if (const error why = take_framing(in[used], bounds); why != error::none) return {used, {}, why, false};
      ++used;
    }
    return {used, {}, error::need_more, false};
  }

private:
  enum class place : std::uint8_t {
    done,
    length_data,
    size_first,
    size,
    blank,
    extension,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailers,
  };

  body_piece take_data(std::string_view in, std::size_t used) noexcept {
    const std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(in.size() - used, left_));
    left_ -= size;
    content_ += size;
    const bool last = left_ == 0 && at_ == place::length_data;
    if (left_ == 0) at_ = last ? place::done : place::data_cr;
    return {used + size, in.substr(used, size), error::none, last};
  }

  body_piece take_trailers(std::string_view in, std::size_t used, const limits& bounds, fields& trailers) noexcept {
    head_position position{static_cast<std::uint32_t>(left_), count_, trailer_at_};
    const parse_result result = parse_trailers(in.substr(used), bounds, position, trailers);
    if (result.done()) {
      at_ = place::done;
      return {used + result.size, {}, error::none, true};
    }
    left_ = position.offset; // of no other use behind the last chunk, and so the count
    count_ = position.count;
    trailer_at_ = position.at;
    return {used, {}, result.why, false};
  }

  /// Take one byte of what stands between two pieces of content.
  error take_framing(char c, const limits& bounds) noexcept {
    switch (at_) {
    case place::size_first:
      if (!detail::is(c, detail::char_hex)) return error::chunk_size;
      left_ = hex_value(c);
      count_ = 1;
      at_ = place::size;
      return error::none;
    case place::size: return take_size(c);
    case place::blank: return take_blank(c, bounds);
    case place::extension: return take_extension(c, bounds);
    case place::size_lf:
      if (c != '\n') return error::chunk_extension;
      return begin_chunk(bounds);
    case place::data_cr: at_ = place::data_lf; return c == '\r' ? error::none : error::chunk_end;
    default: at_ = place::size_first; return c == '\n' ? error::none : error::chunk_end;
    }
  }

  error take_size(char c) noexcept {
    if (detail::is(c, detail::char_hex)) {
      if (++count_ > 16) return error::chunk_size; // leading zeros count, or they would have no bound
      left_ = left_ << 4 | hex_value(c);
      return error::none;
    }
    count_ = 0;
    if (c == ';')
      at_ = place::extension;
    else if (c == '\r')
      at_ = place::size_lf;
    else if (detail::is_blank(c))
      at_ = place::blank, count_ = 1;
    else
      return error::chunk_size;
    return error::none;
  }

  /// White space between a size and its extension is "bad" (BWS, RFC 9112 section 7.1.1): no sender may write it, but a
  /// recipient must parse it and go on without it (RFC 9110 section 5.6.3). It changes nothing about where the chunk
  /// ends, so no two readers can differ there. Before a line end, where no extension follows, the grammar has none.
  error take_blank(char c, const limits& bounds) noexcept {
    if (c == ';') {
      count_ = 0;
      at_ = place::extension;
      return error::none;
    }
    if (!detail::is_blank(c)) return error::chunk_size;
    return ++count_ > bounds.chunk_extension_bytes_max ? error::chunk_extension : error::none;
  }

  error take_extension(char c, const limits& bounds) noexcept {
    if (c == '\r' && count_ != 0) {
      at_ = place::size_lf;
      return error::none;
    }
    if (!detail::is(c, detail::char_value)) return error::chunk_extension;
    return ++count_ > bounds.chunk_extension_bytes_max ? error::chunk_extension : error::none;
  }

  error begin_chunk(const limits& bounds) noexcept {
    count_ = 0;
    if (left_ > bounds.body_bytes_max - content_) return error::body_large;
    at_ = left_ == 0 ? place::trailers : place::data;
    return error::none;
  }

  static constexpr std::uint64_t hex_value(char c) noexcept {
    return static_cast<std::uint64_t>(c <= '9' ? c - '0' : detail::lower(c) - 'a' + 10);
  }

  std::uint64_t left_ = 0;    ///< bytes of data to come; the chunk size so far; the place within the trailers
  std::uint64_t content_ = 0; ///< never above the limit
  std::uint16_t count_ = 0;   ///< digits of the size, white space, bytes of the extension, lines of the trailers
  place at_ = place::done;
  detail::phase trailer_at_ = detail::phase::start;
};

} // namespace epollhost::http

#endif
