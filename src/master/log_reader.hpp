// Distributed under the Boost Software License, Version 1.0.
// What the log process does: read lines from the pipe, write them to the sinks, until nobody can write any more.
#ifndef EPOLLHOST_MASTER_LOG_READER_HPP
#define EPOLLHOST_MASTER_LOG_READER_HPP

#include "master/log_sinks.hpp"

#include <string>
#include <string_view>

namespace epollhost::master {

/// Makes lines of what the pipe gives. One that is longer than any that we write, so not ours, is cut.
class line_splitter {
public:
  explicit line_splitter(log_sinks& to) : to_(to) {}
  void take(std::string_view bytes);
  void end(); ///< the pipe has ended: write what is left

private:
  log_sinks& to_;
  std::string rest_;
};

/// Runs in the forked process with all signals blocked; closes all descriptors but the standard ones, `reader`, `file`
/// and `channels`, the socket through which the master passes the pipes of log channels. Answers its exit status.
int run_log_reader(int reader, const log_options& options, net::unique_fd file, net::unique_fd channels);

} // namespace epollhost::master

#endif
