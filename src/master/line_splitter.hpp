// Distributed under the Boost Software License, Version 1.0.
// Makes lines of what a pipe of the log gives.
#ifndef EPOLLHOST_MASTER_LINE_SPLITTER_HPP
#define EPOLLHOST_MASTER_LINE_SPLITTER_HPP

#include "master/log_sinks.hpp"

#include <string>
#include <string_view>

namespace epollhost::master {

/// One that is longer than any that we write, so not ours, is cut.
class line_splitter {
public:
  explicit line_splitter(log_sinks& to) : to_(to) {}
  void take(std::string_view bytes);
  void end(); ///< the pipe has ended: write what is left

private:
  log_sinks& to_;
  std::string rest_;
};

} // namespace epollhost::master

#endif
