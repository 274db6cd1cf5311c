// Distributed under the Boost Software License, Version 1.0.
// The page of --help.
#ifndef EPOLLHOST_CLI_HELP_HPP
#define EPOLLHOST_CLI_HELP_HPP

#include "cli/configuration.hpp"

#include <string>

namespace epollhost::cli {

/// The host's options, and those of the plugins in `c`, with types, ranges and defaults.
std::string help(const configuration& c);

} // namespace epollhost::cli

#endif
