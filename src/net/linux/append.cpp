// Distributed under the Boost Software License, Version 1.0.
// Files, pipes and terminals that are only written to, at their end.
#include "net/append.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace epollhost::net {
namespace {

constexpr int flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

error_code last_error_unless(bool good) { return good ? error_code() : last_error(); }

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == path.npos ? "." : path.substr(0, slash + 1);
}

} // namespace

unique_fd open_to_append(const std::string& path, error_code& ec) {
  unique_fd fd = path == "-" ? open_standard_error() : unique_fd(::open(path.c_str(), flags | O_CREAT, 0640));
  ec = last_error_unless(bool(fd));
  return fd;
}

error_code may_append(const std::string& path) {
  if (path == "-") return {};
  const unique_fd fd(::open(path.c_str(), flags));
  if (fd || errno != ENOENT || path.ends_with('/')) return last_error_unless(bool(fd));
  return may_make_file(path);
}

unique_fd make_new_file(const std::string& path, error_code& ec) {
  unique_fd fd(::open(path.c_str(), flags | O_CREAT | O_EXCL, 0600));
  ec = last_error_unless(bool(fd));
  return fd;
}

error_code may_make_file(const std::string& path) {
  return last_error_unless(::access(folder_of(path).c_str(), W_OK | X_OK) == 0);
}

unique_fd open_standard_error() {
  struct stat s {};
  // A pipe and a terminal can be opened anew, with flags of our own. A regular file must not: its position is shared.
  if (::fstat(STDERR_FILENO, &s) == 0 && (S_ISFIFO(s.st_mode) || S_ISCHR(s.st_mode)))
    if (const int fd = ::open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC); fd >= 0)
      return unique_fd(fd);
  return unique_fd(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)); // closed: each write fails, and is counted
}

result write(int fd, const void* bytes, std::size_t len) {
  for (;;) {
    const ssize_t n = ::write(fd, bytes, len);
    if (n >= 0) return n;
    if (errno != EINTR) return -errno;
  }
}

} // namespace epollhost::net
