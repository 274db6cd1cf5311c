// Distributed under the Boost Software License, Version 1.0.
// What the program prints where it is asked for a page and serves nothing.
#ifndef EPOLLHOST_CLI_ANSWER_HPP
#define EPOLLHOST_CLI_ANSWER_HPP

#include "cli/configuration.hpp"
#include "master/plugin_store.hpp"

#include <optional>
#include <string>

namespace epollhost::cli {

/// The page that the command line asks for; nothing if it asks for something else. Throws cli::failure.
std::optional<std::string> answer(const configuration& c, master::plugin_store& plugins);

} // namespace epollhost::cli

#endif
