// Distributed under the Boost Software License, Version 1.0.
// All that the user asked for, complete and checked.
#ifndef EPOLLHOST_CLI_CONFIGURATION_HPP
#define EPOLLHOST_CLI_CONFIGURATION_HPP

#include "cli/instance.hpp"
#include "cli/program_settings.hpp"

#include <functional>
#include <string>
#include <vector>

namespace epollhost::cli {

/// What the configuration depends on besides the user's words.
struct surroundings {
  plugin_loader load;
  std::string program_folder;                                 ///< plugins are searched in `plugins` there
  unsigned somaxconn = 0;                                     ///< net.core.somaxconn; 0: unknown
  /// Called when the program's settings are known and no plugin is; or empty.
  std::function<void(const struct configuration&)> before_load{};
  std::vector<std::string> variables{};                       ///< of the environment, each "NAME=VALUE"
};

enum class action { run, check, check_plugin, show_config, list_plugins, new_plugin, status, signal, help, version };

struct configuration {
  enum action action = action::run;
  program_settings program;
  std::vector<instance> instances;
  std::vector<std::string> warnings;
};

/// Reads the words after the program's name, the variables, the file that they name and the plugins. Throws failure.
/// For action::version nothing else is filled; for action::help the options' values are not looked at; list_plugins,
/// new_plugin, status and signal load no plugin.
configuration configure(const std::vector<std::string>& words, const surroundings& around);

} // namespace epollhost::cli

#endif
