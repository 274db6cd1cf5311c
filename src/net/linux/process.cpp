// Distributed under the Boost Software License, Version 1.0.
// What this process has from the one that started it.
#include "net/process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>

namespace epollhost::net {

void open_standard_descriptors() {
  // open() takes the lowest free number, so each closed one below 3 is filled in turn.
  for (int fd = 0; fd <= STDERR_FILENO; ++fd)
    if (::fcntl(fd, F_GETFD) < 0 && ::open("/dev/null", O_RDWR) != fd) std::abort();
}

std::uint64_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  const rlimit raised{limit.rlim_max, limit.rlim_max};
  // The kernel refuses where fs.nr_open was lowered below the hard limit; then the soft one stays.
  return ::setrlimit(RLIMIT_NOFILE, &raised) == 0 ? raised.rlim_cur : limit.rlim_cur;
}

void ignore_broken_pipes() { ::signal(SIGPIPE, SIG_IGN); } // cannot fail for a valid signal

} // namespace epollhost::net
