// Distributed under the Boost Software License, Version 1.0.
// Counts the system calls and the allocations of the program, from inside.
#ifndef EPOLLHOST_TEST_SUPPORT_SYSTEM_CALLS_HPP
#define EPOLLHOST_TEST_SUPPORT_SYSTEM_CALLS_HPP

#include <cstdint>

namespace epollhost::test {

/// What was called while counting(true).
struct call_counts {
  std::uint64_t recv = 0, send = 0, sendfile = 0, accept = 0, epoll_ctl = 0, epoll_wait = 0, close = 0;
  std::uint64_t allocations = 0;
};

/// Only while this is on does anything count; of this thread alone.
void counting(bool on);
call_counts& counts();

/// The next so many times that a descriptor is put into an epoll set, it is refused with this errno.
void refuse_epoll_add(int error, unsigned times);

} // namespace epollhost::test

#endif
