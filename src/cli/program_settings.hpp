// Distributed under the Boost Software License, Version 1.0.
// The options that are given once for the program.
#ifndef EPOLLHOST_CLI_PROGRAM_SETTINGS_HPP
#define EPOLLHOST_CLI_PROGRAM_SETTINGS_HPP

#include "base/log.hpp"
#include "cli/assignment.hpp"
#include "cli/host_options.hpp"
#include "cli/instance.hpp"
#include "master/log_process.hpp"
#include "master/master_settings.hpp"

#include <span>
#include <string>
#include <vector>

namespace epollhost::cli {

struct program_settings {
  struct plugin {
    std::string name; ///< as the user gave it; may be empty
    std::string file;
    assignment from;
  };
  std::vector<plugin> plugins;      ///< those of the file, then those of the command line
  std::vector<std::string> folders; ///< where plugins are searched, in order
  std::string config;               ///< the file of options; empty: none
  bool allow_insecure_plugin = false;
  log::level log_level = log::level::info;
  master::log_options log;
  master::master_settings master;
  bool json = false;         ///< --status as JSON
  std::string signal;        ///< --signal: empty, or what to tell the running program
  bool wait = false;         ///< --signal: for the outcome
  bool check_plugin = false; ///< --check-plugin, whose file is the one in `plugins`
  std::string new_plugin;    ///< --new-plugin: empty, or the name of the one to write
  std::string style = "class";
  std::vector<setting> shown; ///< without the plugins
};

/// Picks them out of all assignments. Throws failure.
program_settings read_program_settings(std::span<const assignment> all, const std::string& program_folder);

/// Log which program starts, as which process, and by which file of options.
void say_start(const program_settings& program);

/// The text of an assignment: a bare flag means "on"; any other option without a value is a failure.
std::string text_of(const assignment& a, const option_description& about, const std::string& value_name);

/// The same of an option of the host, with a path in it made absolute.
std::string text_of(const assignment& a, const host_option& option);

} // namespace epollhost::cli

#endif
