// Distributed under the Boost Software License, Version 1.0.
// The log while there is no log process: before it has started, and when the program has failed.
#ifndef EPOLLHOST_MASTER_EARLY_LOG_HPP
#define EPOLLHOST_MASTER_EARLY_LOG_HPP

#include "master/log_process.hpp"

#include <string>

namespace epollhost::master {

/// Send the lines of this process and of children that it forks to where the options say, in their format. For a process
/// with one thread. Throws net::system_error if the file cannot be opened.
void start_early_log(const log_options& options);

/// Close it: a log process has the lines now. Without an early log it does nothing.
void end_early_log();

/// Log why the program ends, if there was an early log. Answers whether the standard error has the message then. A text log
/// on a terminal gets nothing: there the message stands alone, as of any command.
bool log_failure(const std::string& why);

} // namespace epollhost::master

#endif
