// Distributed under the Boost Software License, Version 1.0.
// What the master's processes ask of descriptors, whatever they are.
#include "master/descriptors.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <climits>

namespace epollhost::master {
namespace {

void close_from_to(unsigned first, unsigned last) {
  if (first > last || ::close_range(first, last, 0) == 0) return;
  // An old kernel, or a sandbox that doesn't know the call.
  rlimit most{};
  if (::getrlimit(RLIMIT_NOFILE, &most) != 0) return;
  for (unsigned fd = first; fd <= last && fd < most.rlim_cur; ++fd) ::close(int(fd)); // most are not open: EBADF
}

} // namespace

void close_all_but(std::vector<int> kept) {
  std::sort(kept.begin(), kept.end());
  unsigned first = 0;
  for (const int fd : kept) {
    if (fd < 0 || unsigned(fd) < first) continue;
    if (fd > 0) close_from_to(first, unsigned(fd) - 1);
    first = unsigned(fd) + 1;
  }
  close_from_to(first, UINT_MAX);
}

bool is_socket(int fd) {
  struct stat s {};
  return ::fstat(fd, &s) == 0 && S_ISSOCK(s.st_mode);
}

} // namespace epollhost::master
