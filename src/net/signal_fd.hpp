// Distributed under the Boost Software License, Version 1.0.
// Signals as something to read.
#ifndef EPOLLHOST_NET_SIGNAL_FD_HPP
#define EPOLLHOST_NET_SIGNAL_FD_HPP

#include "net/unique_fd.hpp"

#include <span>

namespace epollhost::net {

/// Takes signals from the thread's mask into a descriptor. Make it before any thread starts, so that all of them
/// inherit the mask. The mask stays when it dies: a signal that comes then waits for the next reader. Source:
/// signalfd(2).
class signal_fd {
public:
  explicit signal_fd(std::span<const int> signals); ///< throws system_error
  int get() const { return fd_.get(); }

  /// The next signal, or 0 if there is none.
  int read();

private:
  unique_fd fd_;
};

} // namespace epollhost::net

#endif
