// Distributed under the Boost Software License, Version 1.0.
// Whether a request's conditions hold for a file.

#ifndef EPOLLHOST_PLUGINS_FILES_CONDITIONS_HPP
#define EPOLLHOST_PLUGINS_FILES_CONDITIONS_HPP

#include "date.hpp"

#include <epollhost/http/detail/chars.hpp>
#include <epollhost/http/request.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace files {

/// What tells one version of a file from another.
struct version {
  std::string_view etag; ///< strong, with its quotes
  std::int64_t modified_s;
};

/// Say whether a list of entity tags has this one, or is "*". A weak tag matches if `weak` comparison is asked for.
/// What is malformed ends the list. Source: RFC 9110 sections 8.8.3 and 13.1.
constexpr bool lists_etag(std::string_view list, std::string_view etag, bool weak) noexcept {
  if (list == "*") return true;
  for (;;) {
    const std::size_t begin = list.find_first_not_of(" \t,");
    if (begin == list.npos) return false;
    list.remove_prefix(begin);
    const bool is_weak = list.starts_with("W/");
    if (is_weak) list.remove_prefix(2);
    const std::size_t end = list.starts_with('"') ? list.find('"', 1) : list.npos;
    if (end == list.npos) return false;
    if (list.substr(0, end + 1) == etag && (weak || !is_weak)) return true;
    list.remove_prefix(end + 1);
  }
}

/// The conditions of one request, in the order in which they count. Source: RFC 9110 section 13.2.2.
class conditions {
public:
  /// `now_s` is seconds since 1970.
  conditions(const epollhost::http::fields& fields, const version& of, std::int64_t now_s) noexcept
      : fields_{fields}, of_{of}, now_s_{now_s} {}

  /// Return 412, 304, or 0 if the request is to be answered.
  unsigned refusal() const noexcept {
    if (has("if-match") ? !any_lists("if-match", false) : changed_since("if-unmodified-since").value_or(false))
      return 412;
    if (has("if-none-match") ? any_lists("if-none-match", true) : !changed_since("if-modified-since").value_or(true))
      return 304;
    return 0;
  }

  /// Say whether Range counts: there is no If-Range, or it names this very version. A date does so only if the file was
  /// not written within the second before now, when it could be written again without a new date.
  bool range_counts() const noexcept {
    const auto field = fields_.find("if-range");
    if (!field) return true;
    if (field->starts_with('"')) return *field == of_.etag;
    return date(*field) == of_.modified_s && now_s_ - of_.modified_s > 1;
  }

private:
  bool has(std::string_view name) const noexcept { return fields_.find(name).has_value(); }

  std::optional<std::int64_t> date(std::string_view text) const noexcept {
    return read_date(text, 1970 + static_cast<int>(now_s_ / 31'556'952)); // the mean year
  }

  /// Nothing if the field is absent, repeated or no date.
  std::optional<bool> changed_since(std::string_view name) const noexcept {
    const auto field = fields_.find(name);
    const auto since = field && fields_.count(name) == 1 ? date(*field) : std::nullopt;
    if (!since) return std::nullopt;
    return of_.modified_s > *since;
  }

  /// A list may be spread over several lines.
  bool any_lists(std::string_view name, bool weak) const noexcept {
    for (const auto& [field, value] : fields_)
      if (epollhost::http::detail::iequals(field, name) && lists_etag(value, of_.etag, weak)) return true;
    return false;
  }

  const epollhost::http::fields& fields_;
  version of_;
  std::int64_t now_s_;
};

} // namespace files

#endif
