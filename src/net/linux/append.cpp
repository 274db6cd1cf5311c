// Distributed under the Boost Software License, Version 1.0.
// Files, pipes and terminals that are only written to, at their end.
#include "net/append.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace epollhost::net {
namespace {

constexpr int flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

enum class fault { is_socket = 1, is_block_device, has_no_reader };

// What the kernel says of these as "No such device or address", or not at all.
class file_faults final : public boost::system::error_category {
public:
  const char* name() const noexcept override { return "file"; }
  std::string message(int value) const override {
    switch (fault(value)) {
    case fault::is_socket: return "it is a socket; expected a regular file";
    case fault::is_block_device: return "it is a disk; expected a regular file";
    case fault::has_no_reader: return "it is a pipe that nobody reads; start the reader first, or name a regular file";
    }
    return "unknown";
  }
};

error_code to_error(fault f) {
  static const file_faults category;
  return {static_cast<int>(f), category};
}

// Looked at before it is opened, which may have an effect; and it never waits.
unique_fd open_looked_at(const std::string& path, int more_flags, error_code& ec) {
  struct stat about {};
  const bool is_there = ::stat(path.c_str(), &about) == 0;
  ec.clear();
  if (is_there && S_ISSOCK(about.st_mode)) return ec = to_error(fault::is_socket), unique_fd();
  if (is_there && S_ISBLK(about.st_mode)) return ec = to_error(fault::is_block_device), unique_fd();
  unique_fd fd(::open(path.c_str(), flags | more_flags, 0640));
  if (!fd) ec = errno == ENXIO && S_ISFIFO(about.st_mode) ? to_error(fault::has_no_reader) : last_error();
  return fd;
}

error_code last_error_unless(bool good) { return good ? error_code() : last_error(); }

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == path.npos ? "." : path.substr(0, slash + 1);
}

} // namespace

unique_fd open_to_append(const std::string& path, error_code& ec) {
  if (path != "-") return open_looked_at(path, O_CREAT, ec);
  unique_fd fd = open_standard_error();
  ec = last_error_unless(bool(fd));
  return fd;
}

error_code may_append(const std::string& path) {
  if (path == "-") return {};
  error_code ec;
  const unique_fd fd = open_looked_at(path, 0, ec);
  if (fd || ec != boost::system::errc::no_such_file_or_directory || path.ends_with('/')) return ec;
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
