// Distributed under the Boost Software License, Version 1.0.
// Looks at the files of log channels, and where recordings go, before any worker writes to them.
#ifndef EPOLLHOST_MASTER_CHANNEL_FILES_HPP
#define EPOLLHOST_MASTER_CHANNEL_FILES_HPP

#include "master/plan.hpp"

namespace epollhost::master {

/// Open the files of the plugin's log channels once, so that a wrong path is an error of the command, or of the reload,
/// and not of a process later on. A path is the value of an option that the user has given: the log process has rights
/// that the plugin does not have, and a plugin may not lend them for a file of its own choice. Throws
/// std::runtime_error, which names the option, and plugin_refused.
void make_channel_files(const planned_instance& instance);

/// The same, but no file is made.
void check_channel_files(const planned_instance& instance);

} // namespace epollhost::master

#endif
