// Distributed under the Boost Software License, Version 1.0.
// Where a child writes its trace, so that it is there also if the child dies.
#include "sim/trace_file.hpp"

#include "net/error.hpp"

#include <sys/mman.h>
#include <unistd.h>

namespace epollhost::sim {

trace_file::trace_file() : fd_(::memfd_create("epollhost-sim trace", MFD_CLOEXEC)) {
  if (!fd_) net::throw_last_error("memfd_create");
}

std::string trace_file::text() const {
  std::string out;
  char bytes[65536];
  for (ssize_t n = 0; (n = ::pread(fd_.get(), bytes, sizeof bytes, static_cast<off_t>(out.size()))) > 0;)
    out.append(bytes, static_cast<std::size_t>(n));
  return out;
}

} // namespace epollhost::sim
