// Distributed under the Boost Software License, Version 1.0.
// A limit of descriptors that is nearly reached.
#ifndef EPOLLHOST_TEST_SUPPORT_FEW_DESCRIPTORS_HPP
#define EPOLLHOST_TEST_SUPPORT_FEW_DESCRIPTORS_HPP

#include <sys/resource.h>
#include <unistd.h>

namespace epollhost::test {

/// Lets this process open so many descriptors more, while it lives.
struct few_descriptors {
  explicit few_descriptors(unsigned more) {
    ::getrlimit(RLIMIT_NOFILE, &before);
    const int lowest_free = ::dup(0);
    ::close(lowest_free);
    rlimit few = before;
    few.rlim_cur = static_cast<rlim_t>(lowest_free) + more;
    ::setrlimit(RLIMIT_NOFILE, &few);
  }
  ~few_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before); }
  rlimit before{};
};

} // namespace epollhost::test

#endif
