// Distributed under the Boost Software License, Version 1.0.
// Every option with its value and where it comes from, as a file that --config takes.
#ifndef EPOLLHOST_CLI_SHOW_CONFIG_HPP
#define EPOLLHOST_CLI_SHOW_CONFIG_HPP

#include "cli/configuration.hpp"

#include <string>

namespace epollhost::cli {

std::string show_config(const configuration& c);

} // namespace epollhost::cli

#endif
