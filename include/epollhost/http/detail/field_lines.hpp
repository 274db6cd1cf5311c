// Distributed under the Boost Software License, Version 1.0.
// Reads field lines, of a head or of a trailer section, from where a line begins or from within one. Plugins may
// include this.

#ifndef EPOLLHOST_HTTP_DETAIL_FIELD_LINES_HPP
#define EPOLLHOST_HTTP_DETAIL_FIELD_LINES_HPP

#include <epollhost/http/detail/chars.hpp>
#include <epollhost/http/detail/scan.hpp>
#include <epollhost/http/error.hpp>

#include <cstdint>

namespace epollhost::http::detail {

/// A place in a head where its reading stopped for want of bytes. `start` begins anew.
enum class phase : std::uint8_t { start, method, target, line, name, value };

/// Where reading goes on when more bytes have come: 8 bytes that a connection keeps.
struct resume_point {
  std::uint32_t offset = 0; ///< everything before it is known to be good
  std::uint16_t count = 0;  ///< of field lines read; before them, the offset of the target
  phase at = phase::start;
};

/// A cursor over the bytes of one message section that knows field lines.
/// Each function moves `p` over what it read and returns `none`; or it says what is wrong; or it leaves in `rest` where
/// to go on and returns `need_more`. All are forced inline, into a caller compiled for the scanner's machine.
template <class Scan> struct field_lines {
  const char* begin;
  const char* p;
  const char* end;
  bool bare_lf; ///< an LF alone ends a line
  std::uint16_t count_max;
  std::uint16_t count = 0;
  resume_point rest{};
  const char* name = nullptr; ///< of the last whole line
  const char* name_end = nullptr;
  const char* value_end = nullptr; ///< still with white space around the value

  [[gnu::always_inline]] error stop(phase at) noexcept {
    rest = {static_cast<std::uint32_t>(p - begin), count, at};
    return error::need_more;
  }

  /// Read CRLF, or LF where that is allowed. `otherwise` is the fault if neither is here.
  [[gnu::always_inline]] error line_end(phase at, error otherwise) noexcept {
    if (end - p >= 2 && load<std::uint16_t>(p) == load<std::uint16_t>("\r\n")) [[likely]] {
      p += 2;
      return error::none;
    }
    if (p == end || (*p == '\r' && end - p == 1)) return stop(at);
    if (*p != '\n') return *p == '\r' ? error::line_end : otherwise;
    if (!bare_lf) return error::line_end;
    ++p;
    return error::none;
  }

  /// Go on within the name of a line that has at least one byte of it.
  [[gnu::always_inline]] error rest_of_name() noexcept {
    p = Scan::token_end(begin, p, end);
    if (p == end) return stop(phase::name);
    return *p++ == ':' ? error::none : error::field_name;
  }

  /// Go on within the value of a line.
  [[gnu::always_inline]] error rest_of_value() noexcept {
    p = Scan::value_end(begin, p, end);
    const error why = line_end(phase::value, error::field_value);
    count += why == error::none;
    return why;
  }

  /// Say whether the empty line that ends the section is next: `none` if so (and read it), `need_more`, or
  /// `field_name` for "no, a field line is".
  [[gnu::always_inline]] error section_end() noexcept {
    if (p != end && *p > '\r') return error::field_name; // as nearly always
    return line_end(phase::line, error::field_name);
  }

  /// Read one line whose first byte is here and is no line end.
  [[gnu::always_inline]] error line(error too_many) noexcept {
    if (count == count_max) [[unlikely]]
      return too_many;
    const line_ends found = Scan::line(begin, p, end);
    name = p;
    name_end = found.name;
    if (name_end == name) [[unlikely]]
      return is_blank(*p) ? error::field_fold : error::field_name;
    if (name_end == end) [[unlikely]] {
      p = end;
      return stop(phase::name);
    }
    if (*name_end != ':') [[unlikely]]
      return error::field_name;
    p = value_end = found.value;
    if (const error why = line_end(phase::value, error::field_value); why != error::none) return why;
    ++count;
    return error::none;
  }

  /// Read lines from `from` on and note none of them: `none` if the section's end has come.
  [[gnu::always_inline]] error skip(resume_point from, error too_many) noexcept {
    p = begin + from.offset;
    count = from.count;
    error why = error::none;
    if (from.at == phase::name) why = rest_of_name();
    if (why == error::none && from.at != phase::line) why = rest_of_value();
    while (why == error::none) {
      why = section_end();
      if (why != error::field_name) return why;
      why = line(too_many);
    }
    return why;
  }
};

} // namespace epollhost::http::detail

#endif
