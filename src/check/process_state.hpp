// Distributed under the Boost Software License, Version 1.0.
// What a process has that a plugin may leave behind.
#ifndef EPOLLHOST_CHECK_PROCESS_STATE_HPP
#define EPOLLHOST_CHECK_PROCESS_STATE_HPP

#include <cstddef>

namespace epollhost::check {

struct process_state {
  std::size_t threads = 0;
  std::size_t descriptors = 0;

  static process_state now();

  /// As now(), but a thread that has been joined may take a moment to leave the kernel's list.
  static process_state settled(const process_state& expected);
};

} // namespace epollhost::check

#endif
