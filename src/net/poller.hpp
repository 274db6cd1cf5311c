// Distributed under the Boost Software License, Version 1.0.
// Waiting: one epoll set.
#ifndef EPOLLHOST_NET_POLLER_HPP
#define EPOLLHOST_NET_POLLER_HPP

#include "net/error.hpp"
#include "net/unique_fd.hpp"

#include <sys/epoll.h>

#include <cstdint>
#include <span>

namespace epollhost::net {

/// An epoll set. Not thread-safe. Source: epoll(7).
class poller {
public:
  poller(); ///< throws system_error

  /// Each answers an empty error_code, or the kernel's. A regular file gives EPERM: it is always ready.
  error_code add(int fd, std::uint32_t mask, std::uint64_t data);
  error_code modify(int fd, std::uint32_t mask, std::uint64_t data);

  /// To be called before close(): a duplicate of the descriptor would keep the events coming for ever.
  void remove(int fd);

  /// Wait until something is ready or `timeout_ns` has passed; never returns early for the time-out. -1: for ever, 0:
  /// just look. Answers the number of events; 0 also after a signal.
  int wait(std::span<epoll_event> events, std::int64_t timeout_ns);

  /// The same for a time-out that need not be met: may return too early by a twentieth of it and a
  /// millisecond, which saves a division. One above 2^51 is for ever.
  int wait_roughly(std::span<epoll_event> events, std::int64_t timeout_ns);

private:
  unique_fd fd_;
  [[maybe_unused]] bool nanoseconds_ = true; // false once epoll_pwait2 was refused; the simulated one has no use for it
};

} // namespace epollhost::net

#endif
