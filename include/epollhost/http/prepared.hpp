// Distributed under the Boost Software License, Version 1.0.
// An answer written out beforehand, of which only the date changes. Plugins may include this.

#ifndef EPOLLHOST_HTTP_PREPARED_HPP
#define EPOLLHOST_HTTP_PREPARED_HPP

#include <epollhost/http/date.hpp>
#include <epollhost/http/detail/head_writer.hpp>
#include <epollhost/http/response.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace epollhost::http {

/// Hold an answer in the three forms that connections need, so that sending it is one copy.
/// Owns everything; made once by a plugin's constructor and sent from any of its connections until `stop`. [worker]
class prepared {
public:
  /// Content up to this size stands right behind the head, and both are one copy.
  static constexpr std::size_t joined_bytes_max = 8 * 1024;

  explicit prepared(const response& from)
      : content_{has_no_content(from.status()) ? "" : from.content()}, summary_{from.status(), content_.size()} {
    const bool joined = content_.size() <= joined_bytes_max;
    constexpr std::string_view no_date = "Thu, 01 Jan 1970 00:00:00 GMT";
    for (const persistence kind : {persistence::keep, persistence::keep_1_0, persistence::close}) {
      form& made = forms_[static_cast<std::size_t>(kind)];
      made.date_at = detail::write_head(
          made.bytes, {from.status(), kind, no_date, from.content_type(), from.field_lines(), content_.size()});
      made.head_size = made.bytes.size();
      if (joined) made.bytes += content_;
    }
    if (joined) content_.clear();
  }

  /// Return head and joined content, or the head alone for HEAD; valid until the next call.
  std::string_view bytes(persistence kind, bool head_only, const date_clock& clock) noexcept {
    if (stamp_ != clock.stamp()) [[unlikely]]
      set_date(clock);
    const form& made = forms_[static_cast<std::size_t>(kind)];
    return {made.bytes.data(), head_only ? made.head_size : made.bytes.size()};
  }

  const answer_summary& summary() const noexcept { return summary_; }

  /// Return content that is too large to be joined, to be sent behind `bytes` except for HEAD. Lives as this object.
  std::string_view rest() const noexcept { return content_; }

private:
  struct form {
    std::string bytes;
    std::size_t head_size = 0;
    std::size_t date_at = 0;
  };

  void set_date(const date_clock& clock) noexcept {
    for (form& made : forms_) std::memcpy(made.bytes.data() + made.date_at, clock.text().data(), date_bytes);
    stamp_ = clock.stamp();
  }

  std::array<form, 3> forms_;
  std::string content_;
  answer_summary summary_;
  std::uint64_t stamp_ = 0;
};

} // namespace epollhost::http

#endif
