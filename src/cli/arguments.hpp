// Distributed under the Boost Software License, Version 1.0.
// The words of the command line as assignments.
#ifndef EPOLLHOST_CLI_ARGUMENTS_HPP
#define EPOLLHOST_CLI_ARGUMENTS_HPP

#include "cli/assignment.hpp"

#include <string>
#include <vector>

namespace epollhost::cli {

/// `--name=value`, `--name value` and `--name`, where a word that begins with two dashes is never the value in the
/// second form; `-h` is --help. It needs no knowledge of the plugins' options, since there are no other arguments.
/// Throws failure (usage). Whether the names exist is not looked at.
std::vector<assignment> parse_arguments(const std::vector<std::string>& words);

} // namespace epollhost::cli

#endif
