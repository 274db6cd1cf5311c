// Distributed under the Boost Software License, Version 1.0.
// The parser of a trailer section for one kind of machine. Plugins may include this.

#ifndef EPOLLHOST_HTTP_DETAIL_TRAILER_PARSER_HPP
#define EPOLLHOST_HTTP_DETAIL_TRAILER_PARSER_HPP

#include <epollhost/http/detail/field_lines.hpp>
#include <epollhost/http/fields.hpp>
#include <epollhost/http/limits.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace epollhost::http::detail {

template <class Scan> class trailer_parser {
public:
  [[gnu::always_inline]] trailer_parser(std::string_view bytes, const limits& bounds, fields& out) noexcept
      : out_{out}, bytes_max_{bounds.trailer_bytes_max},
        lines_{.begin = bytes.data(),
               .p = bytes.data(),
               .end = bytes.data() + std::min<std::size_t>(bytes.size(), bounds.trailer_bytes_max),
               .bare_lf = false,
               .count_max = std::min<std::uint16_t>(bounds.trailer_fields_max, fields_capacity)} {}

  [[gnu::always_inline]] error run(resume_point& rest, std::uint32_t& size) noexcept {
    error why = error::none;
    if (rest.at != phase::start) why = lines_.skip(rest, error::fields_many);
    if (why == error::none) why = whole();
    if (why == error::none) {
      size = static_cast<std::uint32_t>(lines_.p - lines_.begin);
      return why;
    }
    if (why != error::need_more) return why == error::fields_many ? error::trailer_large : error::trailer_syntax;
    if (lines_.end - lines_.begin >= static_cast<std::ptrdiff_t>(bytes_max_)) return error::trailer_large;
    rest = lines_.rest;
    return why;
  }

private:
  [[gnu::always_inline]] error whole() noexcept {
    lines_.p = lines_.begin;
    lines_.count = 0;
    out_.reset(lines_.begin);
    for (;;) {
      error why = lines_.section_end();
      if (why != error::field_name) return why;
      why = lines_.line(error::fields_many);
      if (why != error::none) return why;
      const char* value = lines_.name_end + 1;
      const std::string_view trimmed = trim({value, static_cast<std::size_t>(lines_.value_end - value)});
      out_.push(lines_.name, static_cast<std::size_t>(lines_.name_end - lines_.name), trimmed.data(), trimmed.size());
    }
  }

  fields& out_;
  std::uint32_t bytes_max_;
  field_lines<Scan> lines_;
};

} // namespace epollhost::http::detail

#endif
