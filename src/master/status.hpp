// Distributed under the Boost Software License, Version 1.0.
// What --status prints.
#ifndef EPOLLHOST_MASTER_STATUS_HPP
#define EPOLLHOST_MASTER_STATUS_HPP

#include "master/master.hpp"

#include <string>

namespace epollhost::master {

/// A table for people: a line for the program, one for each plugin instance, one for each worker.
std::string status_table(const master_process& master);

/// The same as one JSON object.
std::string status_json(const master_process& master);

} // namespace epollhost::master

#endif
