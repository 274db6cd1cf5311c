// Distributed under the Boost Software License, Version 1.0.
// One plugin of the command with its settings.
#ifndef EPOLLHOST_CLI_INSTANCE_HPP
#define EPOLLHOST_CLI_INSTANCE_HPP

#include "cli/assignment.hpp"
#include "worker/plugin_description.hpp"
#include "worker/settings.hpp"

#include <functional>
#include <string>
#include <vector>

namespace epollhost::cli {

struct program_settings;

/// Reads what a plugin says of itself; throws an exception with the whole message if it is refused.
using plugin_loader = std::function<plugin_description(const std::string& file, bool allow_insecure)>;

/// One option as it came out, for --show-config.
struct setting {
  std::string name;
  std::vector<std::string> values;
  origin from;
};

struct instance {
  plugin_description plugin;
  worker_settings settings; ///< with the defaults of the plugin and of the host, until apply_settings()
  assignment from;          ///< its --plugin
  std::vector<setting> shown;
};

/// Finds and loads all plugins, and names them. Throws failure: plugin_refused, or configuration where two have one
/// name.
std::vector<instance> load_instances(const program_settings& program, const plugin_loader& load);

} // namespace epollhost::cli

#endif
