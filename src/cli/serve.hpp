// Distributed under the Boost Software License, Version 1.0.
// Runs what was configured: in this process, or as a master with its workers.
#ifndef EPOLLHOST_CLI_SERVE_HPP
#define EPOLLHOST_CLI_SERVE_HPP

#include "cli/configuration.hpp"
#include "master/passed_sockets.hpp"
#include "master/plugin_store.hpp"

#include <functional>
#include <string>
#include <vector>

namespace epollhost::cli {

/// Reads the configuration again, with plugins from this store. Throws failure.
using reader = std::function<configuration(master::plugin_store&)>;

/// Serve until a signal ends it. `plugins` is the store that `first` was read with. Throws failure, plugin_refused,
/// cannot_listen and others.
/// `words` are those of the command, for an upgrade; `passed` is what the service manager has opened.
void serve(configuration first, master::plugin_store plugins, const reader& read_again,
           const std::vector<std::string>& words, master::passed_sockets passed);

} // namespace epollhost::cli

#endif
