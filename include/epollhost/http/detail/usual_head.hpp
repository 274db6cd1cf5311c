// Distributed under the Boost Software License, Version 1.0.
// Reads the begin that nearly all requests have, with one look at 64 bytes. Plugins may include this.

#ifndef EPOLLHOST_HTTP_DETAIL_USUAL_HEAD_HPP
#define EPOLLHOST_HTTP_DETAIL_USUAL_HEAD_HPP

#include <epollhost/http/detail/authority.hpp>
#include <epollhost/http/detail/chars.hpp>
#include <epollhost/http/limits.hpp>
#include <epollhost/http/request.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace epollhost::http::detail {

[[gnu::noinline]] inline bool is_unusual_host(std::string_view value) noexcept { return is_authority(value); }

/// Check the value of Host: the usual names at the scanner's speed, the rest with care. `begin` and `end` are those of
/// the input around it, in which a line end follows.
template <class Scan>
[[gnu::always_inline]] inline bool is_host(const char* begin, const char* end, std::string_view value) noexcept {
  const char* value_end = value.data() + value.size();
  const char* stop = Scan::name_end(begin, value.data(), end); // nothing in a name ends a line
  if (stop == value_end) [[likely]]
    return !value.empty();
  if (*stop == ':' && stop != value.data()) return is_port({stop + 1, static_cast<std::size_t>(value_end - stop - 1)});
  return is_unusual_host(value);
}

/// The way for `GET /path HTTP/1.1`, with Host before all other fields, within the first 64 bytes.
/// What is not quite so, or is cut off within, is left to `head_parser`, from the first byte on: so this one needs no
/// error. It is a class of its own so that the way of a small request is short in registers too.
template <class Scan> struct usual_head {
  /// Say whether this scanner can.
  static constexpr bool possible = requires(const char* p) { Scan::target_stops(p, 64); };

  /// Read request line and Host. Answers the offset behind them, or 0.
  [[gnu::always_inline]] static std::uint32_t begin(const char* bytes, const char* end, const limits& bounds,
                                                    request& out) noexcept {
    const std::size_t left = static_cast<std::size_t>(end - bytes);
    if (left < 32 || load<std::uint32_t>(bytes) != load<std::uint32_t>("GET ") || bytes[4] != '/') return 0;
    std::uint64_t stops = Scan::target_stops(bytes, left);
    stops &= stops - 1; // the space behind GET
    if (stops == 0) return 0;
    const auto target_end = static_cast<std::uint32_t>(__builtin_ctzll(stops));
    const std::uint32_t value_at = target_end + 17;
    if (value_at >= std::min<std::size_t>(left, 64) || !is_usual_line(bytes + target_end)) return 0;
    stops >>= value_at;
    if (stops == 0) return 0;
    const std::uint32_t value_end = value_at + static_cast<std::uint32_t>(__builtin_ctzll(stops));
    if (left < value_end + 2 || !is_crlf(bytes + value_end)) return 0;
    if (bounds.strict || target_end - 4 > bounds.target_bytes_max || bounds.fields_max == 0) return 0;
    if (!is_host<Scan>(bytes, end, {bytes + value_at, value_end - value_at})) return 0;
    note(out, bytes, target_end, value_end);
    return value_end + 2;
  }

  /// Read the empty line that ends a head of nothing else. `begun` is what `begin` has answered.
  [[gnu::always_inline]] static bool end(const char* bytes, const char* end, std::uint32_t begun,
                                         request& out) noexcept {
    if (end - bytes < begun + 2 || !is_crlf(bytes + begun)) return false;
    out.head_size_ = begun + 2;
    out.framing_ = framing::none;
    out.content_length_ = 0;
    out.keep_alive_ = out.plain_ = true;
    out.expects_continue_ = out.expects_other_ = false;
    return true;
  }

private:
  static bool is_crlf(const char* p) noexcept { return load<std::uint16_t>(p) == load<std::uint16_t>("\r\n"); }

  /// Check the 17 bytes behind a target.
  [[gnu::always_inline]] static bool is_usual_line(const char* p) noexcept {
    const char* name = p + 11;
    return load<std::uint64_t>(p) == load<std::uint64_t>(" HTTP/1.") &&
           load<std::uint32_t>(p + 7) == load<std::uint32_t>(".1\r\n") &&
           (load<std::uint32_t>(name) | 0x20202020u) == load<std::uint32_t>("host") &&
           load<std::uint16_t>(name + 4) == load<std::uint16_t>(": ");
  }

  [[gnu::always_inline]] static void note(request& out, const char* bytes, std::uint32_t target_end,
                                          std::uint32_t value_end) noexcept {
    out.method_at_ = 0;
    out.method_size_ = 3;
    out.method_ = method::get;
    out.target_at_ = 4;
    out.target_size_ = target_end - 4;
    out.form_ = target_form::origin;
    out.minor_version_ = 1;
    out.host_index_ = 0;
    const std::uint32_t name = target_end + 11, value = target_end + 17;
    out.fields_.reset(bytes);
    out.fields_.push(bytes + name, 4, bytes + value, value_end - value);
  }
};

} // namespace epollhost::http::detail

#endif
