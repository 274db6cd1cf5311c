// Distributed under the Boost Software License, Version 1.0.
// Relative paths in the values of the host's options, made absolute.
#ifndef EPOLLHOST_CLI_RESOLVED_HPP
#define EPOLLHOST_CLI_RESOLVED_HPP

#include "cli/assignment.hpp"
#include "cli/host_options.hpp"

#include <string>

namespace epollhost::cli {

/// Where the file stands in a value "[NAME=]FILE": behind the "=", unless a slash comes before it.
std::size_t file_position(std::string_view value);

/// `text`, the value of `a`, with the path in it made absolute: it begins at the folder of the file of options that it is
/// written in, and otherwise at the current one. A plugin's path on the command line stays as the user knows it, and so
/// does the path of a socket there that would become too long for the kernel.
std::string resolved(const assignment& a, holds what, const std::string& text);

} // namespace epollhost::cli

#endif
