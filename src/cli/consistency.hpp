// Distributed under the Boost Software License, Version 1.0.
// Looks whether settings fit each other and the machine.
#ifndef EPOLLHOST_CLI_CONSISTENCY_HPP
#define EPOLLHOST_CLI_CONSISTENCY_HPP

#include "cli/instance.hpp"

#include <span>
#include <string>
#include <vector>

namespace epollhost::cli {

/// Throws failure (configuration) where settings contradict each other; answers warnings. `somaxconn` is that of the
/// kernel, 0 where it is unknown.
std::vector<std::string> check_settings(std::span<const instance> instances, unsigned somaxconn);

} // namespace epollhost::cli

#endif
