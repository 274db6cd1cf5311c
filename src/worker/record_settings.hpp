// Distributed under the Boost Software License, Version 1.0.
// What of a worker's settings a replay needs, as a recording has it.
#ifndef EPOLLHOST_WORKER_RECORD_SETTINGS_HPP
#define EPOLLHOST_WORKER_RECORD_SETTINGS_HPP

#include "worker/settings.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace epollhost::record {

/// One that changes what a worker asks the kernel, or a plugin the host.
struct setting {
  const char* name;
  std::uint64_t (*get)(const worker_settings&);
  void (*set)(worker_settings&, std::uint64_t);
  std::uint64_t least, most; ///< what a worker works with
};

std::span<const setting> settings();

/// The value of an option of the plugin as text, and back; empty if the text is no value of this type.
std::string to_text(const option_description& o, const option_value& v);
std::optional<option_value> to_value(const option_description& o, std::string_view text);

} // namespace epollhost::record

#endif
