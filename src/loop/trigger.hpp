// Distributed under the Boost Software License, Version 1.0.
// How epoll reports readiness.
#ifndef EPOLLHOST_LOOP_TRIGGER_HPP
#define EPOLLHOST_LOOP_TRIGGER_HPP

namespace epollhost::loop {

enum class trigger {
  edge, ///< at a change: registered once, no epoll_ctl afterwards
  level ///< while it lasts: the mask follows what we wait for
};

} // namespace epollhost::loop

#endif
