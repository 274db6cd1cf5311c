// Distributed under the Boost Software License, Version 1.0.
// Wakes a loop from another thread.
#ifndef EPOLLHOST_NET_EVENT_FD_HPP
#define EPOLLHOST_NET_EVENT_FD_HPP

#include "net/unique_fd.hpp"

namespace epollhost::net {

/// An eventfd for edge-triggered waiting: each notify() is one event, and nobody reads it. Source: eventfd(2).
class event_fd {
public:
  event_fd(); ///< throws system_error
  int get() const { return fd_.get(); }
  void notify(); ///< [any thread]

private:
  unique_fd fd_;
};

} // namespace epollhost::net

#endif
