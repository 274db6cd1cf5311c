// Distributed under the Boost Software License, Version 1.0.
// Speaks to a running program, and looks at the plugins that are there.
#ifndef EPOLLHOST_CLI_RUNNING_HPP
#define EPOLLHOST_CLI_RUNNING_HPP

#include "cli/program_settings.hpp"
#include "master/plugin_store.hpp"

#include <string>
#include <string_view>

namespace epollhost::cli {

/// What the running program answers to --status. Throws failure.
std::string ask_status(const program_settings& program);

/// Tell it what --signal says. With --wait: wait for the outcome, and answer a line about it. Throws failure.
std::string send_signal(const program_settings& program);

/// The signal of a word of --signal; 0 if it is none.
int signal_of(std::string_view word);

/// A line for each plugin in the folders: name, version, boundary, summary, file; or why it is refused.
std::string plugin_list(const program_settings& program, master::plugin_store& plugins);

} // namespace epollhost::cli

#endif
