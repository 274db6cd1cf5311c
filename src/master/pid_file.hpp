// Distributed under the Boost Software License, Version 1.0.
// The file that says which process the master is, and that it still is.
#ifndef EPOLLHOST_MASTER_PID_FILE_HPP
#define EPOLLHOST_MASTER_PID_FILE_HPP

#include "net/listen.hpp"
#include "net/unique_fd.hpp"

#include <sys/types.h>

#include <stdexcept>
#include <string>

namespace epollhost::master {

/// what() names the file, what is wrong, and the remedy.
struct pid_file_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Holds a lock on the file as long as the process lives, so a file left behind by a crash is told from a living
/// master even when its number belongs to another process now. The file appears with its content, never empty.
/// The lock belongs to the descriptor: children must not keep it.
class pid_file {
public:
  /// Write it for this process. Throws pid_file_error if a living master holds it, if it holds something that no pid
  /// file holds, or if it cannot be written.
  explicit pid_file(const std::string& path);

  /// Take over from the image before an upgrade, which left `fd` open: the process, and so the content, is the same.
  pid_file(const std::string& path, net::unique_fd fd);

  ~pid_file(); ///< removes it, if it is still ours
  pid_file(pid_file&&) = default;

  int fd() const { return fd_.get(); } ///< closed on exec unless the flag is taken off

private:
  std::string path_;
  net::unique_fd fd_;
  net::file_id id_;
};

/// The living master that wrote the file. Throws pid_file_error if there is none.
pid_t read_pid(const std::string& path);

} // namespace epollhost::master

#endif
