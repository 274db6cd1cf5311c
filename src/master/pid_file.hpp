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

/// The file that others may read, and FILE.lock with mode 0600, which is locked as long as the process lives: so a file
/// left behind by a crash is told from a living master, also when its number belongs to another process now, and nobody
/// else can hold the lock. The file appears with its content, never empty.
/// The lock belongs to the descriptor: children must not keep it.
class pid_file {
public:
  /// Write it for this process. `control`: the path of its control socket, for control_of(). Throws pid_file_error if a
  /// living master holds it, if it holds something that no pid file holds, or if it cannot be written.
  explicit pid_file(const std::string& path, const std::string& control = {});

  /// Take over from the image before an upgrade, which left `lock` open: the process, and so the content, is the same.
  pid_file(const std::string& path, const std::string& control, net::unique_fd lock);

  ~pid_file(); ///< removes it, if it is still ours
  pid_file(pid_file&&) = default;

  int fd() const { return lock_.get(); } ///< of the lock; closed on exec unless the flag is taken off

private:
  std::string path_, lock_path_; // both made beforehand: the destructor must need no memory
  net::unique_fd lock_;
  net::file_id id_;
};

/// The living master that wrote the file, as it calls itself: in another process namespace its number is another one. To
/// signal it, ask by its control socket. Throws pid_file_error if there is none, or if this user may not know.
pid_t read_pid(const std::string& path);

/// The control socket of the master that wrote the file: its own word if this user may read that, else FILE.control.
std::string control_of(const std::string& path);

} // namespace epollhost::master

#endif
