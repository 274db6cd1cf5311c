// Distributed under the Boost Software License, Version 1.0.
// What is asked of a file before it is sent.
#include "net/file.hpp"

#include <sys/stat.h>

#include <cerrno>

namespace epollhost::net {

std::int64_t regular_file_bytes(int fd) {
  struct stat about;
  if (::fstat(fd, &about) != 0) return -errno;
  return S_ISREG(about.st_mode) ? about.st_size : -EINVAL;
}

} // namespace epollhost::net
