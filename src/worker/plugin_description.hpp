// Distributed under the Boost Software License, Version 1.0.
// What a plugin says of itself, as a copy that outlives the plugin.
#ifndef EPOLLHOST_WORKER_PLUGIN_DESCRIPTION_HPP
#define EPOLLHOST_WORKER_PLUGIN_DESCRIPTION_HPP

#include <cstdint>
#include <string>
#include <vector>

namespace epollhost {

/// The value of one option; its type says which member counts (eh_value with owned text).
struct option_value {
  std::int64_t integer = 0;
  double real = 0;
  std::string text;
};

/// One entry of the plugin's option table.
struct option_description {
  std::string name;
  std::string help;
  std::vector<std::string> choices; ///< of an EH_CHOICE
  std::uint32_t type = 0;           ///< EH_FLAG ... EH_SECRET
  std::uint32_t flags = 0;          ///< EH_MUST_EXIST
  option_value fallback, min, max;
};

/// The plugin's table, copied and checked.
struct plugin_description {
  std::string file; ///< the path it was read from
  std::string name, version, summary, listen;
  std::uint16_t abi_major = 0, abi_minor = 0;
  bool single_worker = false;
  std::int32_t nodelay = -1, cork = -1, write_policy = 0; ///< -1: the host's default
  std::vector<option_description> options;
};

} // namespace epollhost

#endif
