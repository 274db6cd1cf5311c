// Distributed under the Boost Software License, Version 1.0.
// Checks and copies the table that a plugin exports.
#ifndef EPOLLHOST_WORKER_PLUGIN_TABLE_HPP
#define EPOLLHOST_WORKER_PLUGIN_TABLE_HPP

#include "epollhost/plugin.h"
#include "worker/plugin_description.hpp"

#include <string>

namespace epollhost {

/// Look at every field before it is used. Throws plugin_refused, which names the first bad one.
plugin_description check_plugin_table(const eh_plugin& table, const std::string& file);

/// What is wrong with a table of hooks, to stand behind its name ("->data is null, ..."); empty if nothing is.
std::string fault_of(const eh_hooks* hooks);

} // namespace epollhost

#endif
