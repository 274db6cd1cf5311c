// Distributed under the Boost Software License, Version 1.0.
// What a worker process does.
#ifndef EPOLLHOST_MASTER_WORKER_MAIN_HPP
#define EPOLLHOST_MASTER_WORKER_MAIN_HPP

#include "master/channel.hpp"
#include "master/worker_process.hpp"

namespace epollhost::master {

/// Give up rights, load the plugin, say ready, serve as the master says; drain when it says so or when it has died.
/// Answers the exit status of the process. Runs in the child.
int worker_main(const worker_process::start_point& from, channel to_master, int report_fd, net::unique_fd page_file);

} // namespace epollhost::master

#endif
