// Distributed under the Boost Software License, Version 1.0.
// A copy of a file that nobody can change any more.
#ifndef EPOLLHOST_MASTER_SEALED_FILE_HPP
#define EPOLLHOST_MASTER_SEALED_FILE_HPP

#include "net/unique_fd.hpp"

#include <string>

namespace epollhost::master {

/// Lives in memory, sealed. The dynamic linker takes objects for the same by their path: so the descriptor, whose
/// number is in the path, stays open as long as any process may load it. Where the kernel refuses memory files, a file
/// without a name in the run folder. Source: memfd_create(2).
class sealed_file {
public:
  /// Copy a file. Throws system_error.
  explicit sealed_file(const std::string& path);

  int fd() const { return fd_.get(); }

  /// Where this process finds it (not `self`: debuggers and sanitizers open it by that name too).
  std::string path() const;

private:
  net::unique_fd fd_;
};

} // namespace epollhost::master

#endif
