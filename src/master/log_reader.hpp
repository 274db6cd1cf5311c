// Distributed under the Boost Software License, Version 1.0.
// What the log process does: read lines from the pipe, write them to the sinks, until nobody can write any more.
#ifndef EPOLLHOST_MASTER_LOG_READER_HPP
#define EPOLLHOST_MASTER_LOG_READER_HPP

#include "master/log_process.hpp"
#include "net/unique_fd.hpp"

namespace epollhost::master {

/// Runs in the forked process with all signals blocked; closes all descriptors but the standard ones, `reader`, `file`
/// and `channels`, the socket through which the master passes the pipes of log channels. Answers its exit status.
int run_log_reader(int reader, const log_options& options, net::unique_fd file, net::unique_fd channels);

} // namespace epollhost::master

#endif
