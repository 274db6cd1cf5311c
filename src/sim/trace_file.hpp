// Distributed under the Boost Software License, Version 1.0.
// Where a child writes its trace, so that it is there also if the child dies.
#ifndef EPOLLHOST_SIM_TRACE_FILE_HPP
#define EPOLLHOST_SIM_TRACE_FILE_HPP

#include "net/unique_fd.hpp"

#include <string>

namespace epollhost::sim {

/// A file in memory.
class trace_file {
public:
  trace_file(); ///< throws system_error
  int fd() const { return fd_.get(); }
  std::string text() const;

private:
  net::unique_fd fd_;
};

} // namespace epollhost::sim

#endif
