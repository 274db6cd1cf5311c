// Distributed under the Boost Software License, Version 1.0.
// Files that a user names: opened without waiting, and looked at before they are read.
#include "net/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

namespace epollhost::net {
namespace {

bool streams_are_refused = false;

bool is_stream(std::string_view path) {
  return path == "/dev/stdin" || path.starts_with("/dev/fd/") || path.starts_with("/proc/self/fd/");
}

bool is_null(const struct stat& about) {
  return S_ISCHR(about.st_mode) && about.st_rdev == ::makedev(1, 3); // the numbers of /dev/null never change
}

std::string cannot_open() { return std::string("cannot be opened: ") + std::strerror(errno); }

std::string unexpected(const struct stat& about) {
  return std::string("is ") + kind_of(about.st_mode) + "; expected a regular file";
}

// Without O_NONBLOCK the reading waits for the writer, which the user wants; the opening never does.
unique_fd open_stream(const std::string& path, std::string& fault) {
  if (streams_are_refused) {
    fault = "is no regular file: it was read at the start and cannot be read again; a reload needs a regular file";
    return {};
  }
  unique_fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  const int flags = fd ? ::fcntl(fd.get(), F_GETFL) : -1;
  if (flags < 0 || ::fcntl(fd.get(), F_SETFL, flags & ~O_NONBLOCK) != 0) fault = cannot_open(), fd.reset();
  return fd;
}

} // namespace

std::int64_t regular_file_bytes(int fd) {
  struct stat about;
  if (::fstat(fd, &about) != 0) return -errno;
  return S_ISREG(about.st_mode) ? about.st_size : -EINVAL;
}

const char* kind_of(mode_t mode) {
  switch (mode & S_IFMT) {
  case S_IFREG: return "a regular file";
  case S_IFDIR: return "a folder";
  case S_IFIFO: return "a pipe";
  case S_IFSOCK: return "a socket";
  case S_IFCHR:
  case S_IFBLK: return "a device";
  default: return "no file";
  }
}

std::string kind_of(const std::string& path) {
  struct stat about {};
  return ::stat(path.c_str(), &about) == 0 ? kind_of(about.st_mode) : std::string();
}

unique_fd open_named_file(const std::string& path, std::string& fault) {
  struct stat about {};
  fault.clear();
  // Before it is opened: that alone lets the writer of a pipe go on, and rewinds a tape.
  if (::stat(path.c_str(), &about) != 0) return fault = cannot_open(), unique_fd();
  if (is_stream(path) && !S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode)) return open_stream(path, fault);
  if (!S_ISREG(about.st_mode) && !is_null(about)) return fault = unexpected(about), unique_fd();
  unique_fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!fd || ::fstat(fd.get(), &about) != 0) return fault = cannot_open(), unique_fd();
  if (!S_ISREG(about.st_mode) && !is_null(about)) return fault = unexpected(about), unique_fd(); // since then
  return fd;
}

file_content read_named_file(const std::string& path, std::size_t bytes_max) {
  file_content out;
  const unique_fd fd = open_named_file(path, out.fault);
  std::array<char, 16384> part;
  while (fd) {
    const ssize_t n = ::read(fd.get(), part.data(), part.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) out.fault = std::string("cannot be read: ") + std::strerror(errno);
    if (n <= 0) break;
    out.text.append(part.data(), static_cast<std::size_t>(n));
    if (out.text.size() <= bytes_max) continue;
    out.fault = "has more than " + std::to_string(bytes_max) + " bytes";
    break;
  }
  if (!out.fault.empty()) out.text.clear();
  return out;
}

void refuse_streams() { streams_are_refused = true; }

} // namespace epollhost::net
