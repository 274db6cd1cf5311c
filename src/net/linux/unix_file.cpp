// Distributed under the Boost Software License, Version 1.0.
// The file of a unix socket: made by one of several programs that want it.
#include "net/linux/unix_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

namespace epollhost::net {
namespace {

constexpr int lock_tries = 200; // of 5 ms: it is held for a few system calls

error_code error(int number) { return {number, boost::system::system_category()}; }

// Looking at the path, removing what lies there and binding are three steps; a lock file makes them one. It is there
// only meanwhile. Another user's is not waited for: in a folder that others may write to, they could hold it for ever.
class path_lock {
public:
  explicit path_lock(const std::string& path) : name_(path + ".lock") {}
  ~path_lock() {
    if (fd_) ::unlink(name_.c_str()); // still ours: only the holder removes it
  }
  path_lock(const path_lock&) = delete;
  path_lock& operator=(const path_lock&) = delete;

  error_code take() {
    for (int i = 0; i < lock_tries; ++i) {
      unique_fd fd(::open(name_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
      struct stat about {};
      if (!fd || ::fstat(fd.get(), &about) != 0) return last_error();
      if (!S_ISREG(about.st_mode) || about.st_uid != ::geteuid()) return error(EACCES);
      const bool taken = ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0;
      if (!taken && errno != EWOULDBLOCK) return last_error();
      if (taken && identify(name_) == file_id{about.st_dev, about.st_ino}) return fd_ = std::move(fd), error_code();
      const timespec rest{0, taken ? 0 : 5'000'000}; // its holder has removed it, or works
      ::nanosleep(&rest, nullptr);
    }
    return error(EADDRINUSE);
  }

private:
  const std::string name_;
  unique_fd fd_;
};

// A socket of another type gets EPROTOTYPE from one that is bound to the file, whether it listens yet or not, and
// ECONNREFUSED if there is none. It enters no queue.
bool is_stale(const endpoint& at) {
  struct stat s {};
  if (::lstat(at.unix_path().c_str(), &s) != 0 || !S_ISSOCK(s.st_mode)) return false;
  const unique_fd probe(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  return probe && ::connect(probe.get(), at.data(), at.size) != 0 && errno == ECONNREFUSED;
}

} // namespace

error_code set_access(const std::string& path, const unix_access& to) {
  constexpr auto as_it_is = -1;
  if (to.user || to.group)
    if (::lchown(path.c_str(), to.user.value_or(uid_t(as_it_is)), to.group.value_or(gid_t(as_it_is))) != 0)
      return last_error();
  return ::chmod(path.c_str(), to.mode) == 0 ? error_code() : last_error();
}

error_code bind_unix_file(int fd, const endpoint& at, const unix_access& access) {
  const std::string path = at.unix_path();
  path_lock lock(path);
  if (const auto ec = lock.take()) return ec;
  struct stat s {};
  if (::lstat(path.c_str(), &s) == 0 && !is_stale(at)) return error(EADDRINUSE);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return last_error();
  // The socket's own mode is what bind() gives the file, less the umask. It is narrow until the file has its owner.
  const unsigned first_mode = access.user || access.group ? 0600 : access.mode;
  if (::fchmod(fd, first_mode) != 0 || ::bind(fd, at.data(), at.size) != 0) return last_error();
  const auto ec = set_access(path, access);
  if (ec) ::unlink(path.c_str());
  return ec;
}

} // namespace epollhost::net
