// Distributed under the Boost Software License, Version 1.0.
// Gives each plugin its settings: the command line over the environment, the file, the plugin, the host.
#ifndef EPOLLHOST_CLI_SETTINGS_HPP
#define EPOLLHOST_CLI_SETTINGS_HPP

#include "cli/instance.hpp"

#include <span>

namespace epollhost::cli {

/// Throws failure where an assignment names no option, has a bad value, or stands twice in one place.
void check_assignments(std::span<const assignment> all, std::span<const instance> instances);

/// Stores what the checked assignments say for this instance, and how it came out.
void apply_settings(std::span<const assignment> all, instance& to);

/// The assignments that count for one option of an instance: those of the first place that has any.
std::vector<const assignment*> winning(std::span<const assignment> all, const std::string& instance,
                                       const std::string& option);

} // namespace epollhost::cli

#endif
