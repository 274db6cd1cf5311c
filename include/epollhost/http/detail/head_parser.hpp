// Distributed under the Boost Software License, Version 1.0.
// The parser of a request head for one kind of machine. Plugins may include this.
//
// One pass in the order of the bytes. When they end too early, the place is kept, and the next call goes on from there
// without noting anything: `resume`. Once the whole head has come, it is read once more from its begin, to note what is
// where, since the places of the fields of a partial head are not kept. So each byte of a head is looked at once if it
// came whole and twice if not, however small the pieces. The request line is read again when its end comes.

#ifndef EPOLLHOST_HTTP_DETAIL_HEAD_PARSER_HPP
#define EPOLLHOST_HTTP_DETAIL_HEAD_PARSER_HPP

#include <epollhost/http/detail/field_lines.hpp>
#include <epollhost/http/detail/framing.hpp>
#include <epollhost/http/detail/target.hpp>
#include <epollhost/http/detail/usual_head.hpp>
#include <epollhost/http/limits.hpp>
#include <epollhost/http/request.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace epollhost::http::detail {

template <class Scan> class head_parser {
public:
  [[gnu::always_inline]] head_parser(std::string_view bytes, const limits& bounds, request& out) noexcept
      : out_{out}, bounds_{bounds}, lines_{.begin = bytes.data(),
                                           .p = bytes.data(),
                                           .end = bytes.data() +
                                                  std::min<std::size_t>(bytes.size(), bounds.head_bytes_max),
                                           .bare_lf = !bounds.strict,
                                           .count_max = std::min<std::uint16_t>(bounds.fields_max, fields_capacity)} {}

  /// Read a head. `rest` is where an earlier call stopped, and is set again for `need_more`; `size` becomes the size of
  /// the head, with the empty lines before it. `begun` is what `usual_head::begin` has read of it.
  [[gnu::always_inline]] error run(resume_point& rest, std::uint32_t& size, std::uint32_t begun) noexcept {
    error why = error::none;
    if (begun != 0)
      why = go_on(begun);
    else if (rest.at != phase::start) [[unlikely]]
      why = resume(rest);
    if (why == error::none && begun == 0) why = whole();
    if (why == error::none) {
      size = out_.head_size_ = offset();
      return why;
    }
    if (why != error::need_more) return why;
    if (lines_.end - lines_.begin >= static_cast<std::ptrdiff_t>(bounds_.head_bytes_max)) return error::head_large;
    rest = lines_.rest;
    return why;
  }

private:
  /// Go on behind a usual begin, whose Host is a good one.
  [[gnu::always_inline]] error go_on(std::uint32_t begun) noexcept {
    lines_.p = lines_.begin + begun;
    lines_.count = 1;
    host_why_ = error::none;
    return fields_and_end();
  }

  [[gnu::always_inline]] error whole() noexcept {
    lines_.count = 0;
    out_.fields_.reset(lines_.begin);
    lines_.p = lines_.begin;
    if (const error why = empty_lines(); why != error::none) return why;
    if (const error why = request_method(); why != error::none) return why;
    if (const error why = request_target(); why != error::none) return why;
    if (const error why = version(); why != error::none) return why;
    return fields_and_end();
  }

  /// Go on where an earlier call stopped: `none` if it is time to read from the begin.
  [[gnu::always_inline]] error resume(resume_point from) noexcept {
    if (from.at == phase::method || from.at == phase::target) return resume_line(from);
    return lines_.skip(from, error::fields_many);
  }

  /// Go on in the method or the target. Anything but more of the same is for the reading from the begin.
  [[gnu::always_inline]] error resume_line(resume_point from) noexcept {
    const char* p = lines_.begin + from.offset;
    p = from.at == phase::method ? Scan::token_end(lines_.begin, p, lines_.end)
                                 : Scan::target_end(lines_.begin, p, lines_.end);
    const auto line_max = from.at == phase::method ? bounds_.method_bytes_max : from.count + bounds_.target_bytes_max;
    if (p != lines_.end || p - lines_.begin > static_cast<std::ptrdiff_t>(line_max)) return error::none;
    lines_.p = p;
    lines_.count = from.count;
    return lines_.stop(from.at);
  }

  [[gnu::always_inline]] error empty_lines() noexcept {
    if (lines_.p == lines_.end) return lines_.stop(phase::start);
    if (*lines_.p > '\r') [[likely]]
      return error::none;
    for (unsigned seen = 0; lines_.p == lines_.end || *lines_.p == '\r' || *lines_.p == '\n'; ++seen) {
      if (lines_.p != lines_.end && seen == bounds_.empty_lines_max) return error::empty_lines;
      if (const error why = lines_.line_end(phase::start, error::line_end); why != error::none) return why;
    }
    return error::none;
  }

  [[gnu::always_inline]] error request_method() noexcept {
    out_.method_at_ = offset();
    if (lines_.end - lines_.p > 4 && std::memcmp(lines_.p, "GET ", 4) == 0) [[likely]] {
      out_.method_ = method::get;
      out_.method_size_ = 3;
      lines_.p += 4;
      return error::none;
    }
    const char* name = lines_.p;
    lines_.p = Scan::token_end(lines_.begin, name, lines_.end);
    const std::size_t size = static_cast<std::size_t>(lines_.p - name);
    if (size > bounds_.method_bytes_max) return error::method_long;
    if (lines_.p == lines_.end) return lines_.stop(phase::method);
    if (size == 0 || *lines_.p != ' ') return error::method_syntax;
    out_.method_ = method_of({name, size});
    out_.method_size_ = static_cast<std::uint32_t>(size);
    ++lines_.p;
    return error::none;
  }

  [[gnu::always_inline]] error request_target() noexcept {
    const char* begin = lines_.p;
    lines_.p = Scan::target_end(lines_.begin, begin, lines_.end);
    const std::size_t size = static_cast<std::size_t>(lines_.p - begin);
    if (size > bounds_.target_bytes_max) return error::target_long;
    if (lines_.p == lines_.end) {
      lines_.count = static_cast<std::uint16_t>(std::min<std::ptrdiff_t>(begin - lines_.begin, 0xffff));
      return lines_.stop(phase::target);
    }
    if (size == 0 || *lines_.p != ' ')
      return size && is_line_end(*lines_.p) ? error::version_syntax : error::target_syntax;
    out_.target_at_ = static_cast<std::uint32_t>(begin - lines_.begin);
    out_.target_size_ = static_cast<std::uint32_t>(size);
    ++lines_.p;
    if (*begin == '/' && out_.method_ != method::connect && !bounds_.strict) [[likely]] {
      out_.form_ = target_form::origin;
      return error::none;
    }
    return other_target(out_, {begin, size}, bounds_.strict);
  }

  // The functions that are not inlined are static: a `this` that escapes would keep the cursor out of the registers.
  [[gnu::noinline]] static error other_target(request& out, std::string_view target, bool strict) noexcept {
    if (strict && !is_strict_target(target)) return error::target_syntax;
    const target_parts parts = classify_target(target, out.method_);
    out.form_ = parts.form;
    out.authority_at_ = parts.authority_at;
    out.authority_size_ = parts.authority_size;
    return parts.why;
  }

  [[gnu::always_inline]] error version() noexcept {
    const std::ptrdiff_t left = lines_.end - lines_.p;
    if (left >= 8 && std::memcmp(lines_.p, "HTTP/1.1", 8) == 0) [[likely]]
      out_.minor_version_ = 1;
    else if (const error why = other_version(out_, {lines_.p, static_cast<std::size_t>(left)}); why != error::none)
      return why == error::need_more ? lines_.stop(phase::start) : why;
    lines_.p += 8;
    return lines_.line_end(phase::start, error::version_syntax);
  }

  /// Take another version, or a part of one: what can't become a version is refused at once. To go on means to read
  /// from the begin again, at most ten times.
  [[gnu::noinline]] static error other_version(request& out, std::string_view text) noexcept {
    if (!is_version_part(text.substr(0, 8))) return error::version_syntax;
    if (text.size() < 8) return error::need_more;
    if (text[5] != '1') return error::version_unsupported;
    out.minor_version_ = static_cast<std::uint8_t>(text[7] - '0');
    return error::none;
  }

  static bool is_version_part(std::string_view text) noexcept {
    constexpr std::string_view pattern = "HTTP/0.0";
    for (std::size_t i = 0; i < text.size(); ++i)
      if (pattern[i] == '0' ? !is(text[i], char_digit) : text[i] != pattern[i]) return false;
    return true;
  }

  [[gnu::always_inline]] error fields_and_end() noexcept {
    control_fields control;
    for (;;) {
      error why = lines_.section_end();
      if (why == error::none) break;
      if (why != error::field_name) return why;
      why = lines_.line(error::fields_many);
      if (why != error::none) return why;
      note(control);
    }
    return finish(control);
  }

  /// Note the line just read, and look at it if it is one that steers.
  [[gnu::always_inline]] void note(control_fields& control) noexcept {
    const char* value = lines_.name_end + 1;
    const char* value_end = lines_.value_end;
    if (*value == ' ') ++value; // as nearly always. Of the bytes of a line, only blanks and its end are not above it
    if (is_low(*value) || is_low(value_end[-1])) [[unlikely]]
      trim(value, value_end);
    const auto name_size = static_cast<std::size_t>(lines_.name_end - lines_.name);
    if (name_size < first_letters.size() && first_letters[name_size] == lower(*lines_.name)) [[unlikely]] {
      if (name_size == 4 && (load<std::uint32_t>(lines_.name) | 0x20202020u) == load<std::uint32_t>("host"))
        return note_host(lines_.name, value, value_end);
      note_control(control, {lines_.name, name_size}, {value, static_cast<std::size_t>(value_end - value)});
    }
    put(lines_.name, name_size, value, static_cast<std::size_t>(value_end - value));
  }

  static constexpr bool is_low(char c) noexcept { return static_cast<unsigned char>(c) <= ' '; }

  [[gnu::always_inline]] static void trim(const char*& value, const char*& value_end) noexcept {
    while (value != value_end && is_low(*value)) ++value;
    while (value != value_end && is_low(value_end[-1])) --value_end;
  }

  /// Note where the last line's name and value are.
  [[gnu::always_inline]] void put(const char* name, std::size_t name_size, const char* value,
                                  std::size_t value_size) noexcept {
    out_.fields_.put(lines_.count - 1u, name, name_size, value, value_size, lines_.begin);
  }

  [[gnu::always_inline]] void note_host(const char* name, const char* value, const char* value_end) noexcept {
    const auto size = static_cast<std::size_t>(value_end - value);
    out_.host_index_ = static_cast<std::uint8_t>(lines_.count - 1);
    put(name, 4, value, size);
    host_why_ = host_why_ != error::host_missing                         ? error::host_repeated
                : is_host<Scan>(lines_.begin, lines_.end, {value, size}) ? error::none
                                                                         : error::host_syntax;
  }

  /// The first letters of the names that steer, by the size of the name: most lines need no closer look.
  static constexpr std::array<char, 18> first_letters{0, 0, 0, 0, 'h', 0, 'e', 0, 0, 0, 'c', 0, 0, 0, 'c', 0, 0, 't'};

  [[gnu::noinline]] static void note_control(control_fields& control, std::string_view name,
                                             std::string_view value) noexcept {
    control.any = true;
    if (iequals(name, "connection")) return control.add_connection(value);
    if (iequals(name, "content-length")) return control.add_length(value);
    if (iequals(name, "transfer-encoding")) return control.add_coding(value);
    if (iequals(name, "expect")) control.add_expect(value);
  }

  [[gnu::always_inline]] error finish(const control_fields& control) noexcept {
    out_.fields_.resize(lines_.count);
    set_defaults();
    if (control.any)
      if (const error why = apply(out_, control); why != error::none) return why;
    if (host_why_ != error::host_missing) return host_why_;
    out_.host_index_ = request::no_field;
    return out_.minor_version_ == 0 ? error::none : error::host_missing;
  }

  /// Set what holds unless a field says otherwise.
  [[gnu::always_inline]] void set_defaults() noexcept {
    out_.framing_ = framing::none;
    out_.content_length_ = 0;
    out_.keep_alive_ = out_.minor_version_ != 0;
    out_.expects_continue_ = out_.expects_other_ = false;
    out_.plain_ = is_usual(out_.method_);
  }

  static constexpr bool is_usual(method asked) noexcept {
    return asked != method::other && asked != method::connect && asked != method::trace;
  }

  /// Take over what the fields that steer have said.
  [[gnu::noinline]] static error apply(request& out, const control_fields& control) noexcept {
    const bool http_1_0 = out.minor_version_ == 0;
    if (const error why = control.framing_error(http_1_0); why != error::none) return why;
    out.framing_ = control.chunked ? framing::chunked : control.has_length ? framing::length : framing::none;
    out.content_length_ = control.length;
    out.keep_alive_ = !control.close && (control.keep_alive || !http_1_0);
    out.expects_continue_ = control.expects_continue && !http_1_0;
    out.expects_other_ = control.expects_other;
    out.plain_ = out.plain_ && !out.has_body() && !out.expects_other_;
    return error::none;
  }

  static constexpr bool is_line_end(char c) noexcept { return c == '\r' || c == '\n'; }
  std::uint32_t offset() const noexcept { return static_cast<std::uint32_t>(lines_.p - lines_.begin); }

  request& out_;
  const limits& bounds_;
  field_lines<Scan> lines_;
  error host_why_ = error::host_missing; ///< of the Host lines so far
};

} // namespace epollhost::http::detail

#endif
