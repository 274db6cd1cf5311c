// Distributed under the Boost Software License, Version 1.0.
// What a plugin may be called.
#ifndef EPOLLHOST_CLI_PLUGIN_NAME_HPP
#define EPOLLHOST_CLI_PLUGIN_NAME_HPP

#include <string>

namespace epollhost::cli {

inline constexpr std::size_t name_bytes_max = 64;

/// What is wrong with the name, and what is expected; empty if nothing is.
std::string fault_of_name(const std::string& name);

} // namespace epollhost::cli

#endif
