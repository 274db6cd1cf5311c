// Distributed under the Boost Software License, Version 1.0.
// The metrics that a plugin defined, in memory (src/worker/metrics.hpp).
#ifndef EPOLLHOST_TESTING_DETAIL_METRICS_HPP
#define EPOLLHOST_TESTING_DETAIL_METRICS_HPP

#include <epollhost/text.hpp>

#include <epollhost/plugin.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <deque>
#include <string>
#include <string_view>

namespace epollhost::testing {

/// A metric that the plugin defined, with what it has counted.
struct metric {
  std::uint32_t kind; ///< EH_METRIC_COUNTER, EH_METRIC_GAUGE
  std::string name, help;
  std::uint64_t value = 0;
};

namespace detail {

/// A text that ends with a zero within `most` bytes; else as many bytes.
inline std::string_view metric_text(const char* text, std::size_t most) {
  if (!text) return {};
  const void* const end = std::memchr(text, 0, most);
  return {text, end ? std::size_t(static_cast<const char*>(end) - text) : most};
}

/// What eh_host::metric does not take; null where it takes it.
inline const char* fault_of_metric(std::uint32_t kind, std::string_view name, std::string_view help) {
  const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto inner = [=](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '_'; };
  if (name.empty() || name.size() == EH_METRIC_NAME_MAX || !letter(name.front()) ||
      !std::all_of(name.begin(), name.end(), inner))
    return "a name that is no lower-case letter with such letters, digits and '_' behind it, or too long";
  if (kind != EH_METRIC_COUNTER && kind != EH_METRIC_GAUGE) return "a kind that is none of EH_METRIC_*";
  if (help.empty() || help.size() == EH_METRIC_HELP_MAX || !is_visible(help))
    return "a help that is empty, too long, or has characters that are not visible";
  return nullptr;
}

/// Cells do not move.
using metrics = std::deque<metric>;

inline metric* find(metrics& all, std::string_view name) {
  const auto at = std::find_if(all.begin(), all.end(), [&](const metric& m) { return m.name == name; });
  return at == all.end() ? nullptr : &*at;
}

} // namespace detail
} // namespace epollhost::testing

#endif
