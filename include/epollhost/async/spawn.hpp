// Distributed under the Boost Software License, Version 1.0.
// Starting further tasks. Plugins may include this (through async.hpp).
#ifndef EPOLLHOST_ASYNC_SPAWN_HPP
#define EPOLLHOST_ASYNC_SPAWN_HPP

#include <epollhost/async/stream.hpp>

namespace epollhost {

/// Run a task beside the others of a connection. It starts when the one in hand suspends, and ends at the latest with
/// the connection: where it waits then, it is destroyed. An exception that leaves it, other than stream_error, fails
/// the connection. If the connection is gone already, the task is destroyed unstarted. [worker]
inline void co_spawn(const stream& on, task<> t) {
  if (on.is_open()) detail::start(on.connection(), std::move(t));
}

/// Likewise, for the connection or, with executor::instance(), the instance that `on` names; it starts in a later turn.
/// A task of the instance lives until the instance stops; an exception that leaves it is logged. False if there is no
/// memory. [any]
inline bool co_spawn(const executor& on, task<> t) {
  return detail::post_to(on, [t = std::move(t)](detail::scope& home) mutable { detail::start(home, std::move(t)); });
}

} // namespace epollhost

#endif
