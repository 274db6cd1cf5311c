// Distributed under the Boost Software License, Version 1.0.
// A copy of a file that nobody can change any more.
#ifndef EPOLLHOST_MASTER_SEALED_FILE_HPP
#define EPOLLHOST_MASTER_SEALED_FILE_HPP

#include "net/unique_fd.hpp"

#include <sys/types.h>

#include <string>

namespace epollhost::master {

/// Lives in memory, sealed. The dynamic linker takes objects for the same by their path: so the descriptor, whose
/// number is in the path, stays open as long as any process may load it. Where the kernel refuses memory files, a file
/// without a name in the run folder. Source: memfd_create(2).
class sealed_file {
public:
  /// Copy a file. Throws system_error.
  explicit sealed_file(const std::string& path);
  sealed_file(const sealed_file&) = delete;
  sealed_file& operator=(const sealed_file&) = delete;

  int fd() const { return fd_.get(); }

  /// Where this process finds it (not by `self`, if it can be: debuggers and sanitizers open it by that name too). Throws
  /// runtime_error if nowhere.
  std::string path() const;

private:
  struct copy_on_disk { // where there is no /proc
    std::string path;
    int owner = 0; // the process that made it, and removes it
    ~copy_on_disk();
  };
  void make_copy_on_disk(const std::string& name, off_t size);

  net::unique_fd fd_;
  copy_on_disk copy_;
};

} // namespace epollhost::master

#endif
