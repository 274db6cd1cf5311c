// Distributed under the Boost Software License, Version 1.0.
// Wakes a loop from another thread.
#include "net/event_fd.hpp"

#include "net/error.hpp"

#include <sys/eventfd.h>

namespace epollhost::net {

event_fd::event_fd() : fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (!fd_) throw_last_error("eventfd");
}

void event_fd::notify() {
  // The counter is full after 2^64-2 writes (EAGAIN). Emptying it makes room; the write that follows gives the edge.
  while (::eventfd_write(fd_.get(), 1) < 0) {
    eventfd_t drop = 0;
    if (errno == EAGAIN)
      ::eventfd_read(fd_.get(), &drop);
    else if (errno != EINTR)
      return;
  }
}

} // namespace epollhost::net
