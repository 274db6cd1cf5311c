// Distributed under the Boost Software License, Version 1.0.
// The file that says which process the master is, and that it still is.
#include "master/pid_file.hpp"

#include "net/error.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <optional>

namespace epollhost::master {
namespace {

template <class... A> [[noreturn]] void fail(fmt::format_string<A...> text, A&&... args) {
  throw pid_file_error(fmt::format(text, std::forward<A>(args)...));
}

[[noreturn]] void fail_with_errno(const char* doing, const std::string& path) {
  fail("cannot {} the pid file {}: {}", doing, path, net::last_error().message());
}

struct flock whole_file(short type) {
  struct flock l {};
  l.l_type = type;
  l.l_whence = SEEK_SET;
  return l;
}

// Locks of the open file, not of the process: they outlive an exec.
bool try_lock(int fd) {
  struct flock l = whole_file(F_WRLCK);
  return ::fcntl(fd, F_OFD_SETLK, &l) == 0;
}

bool is_locked(int fd) {
  struct flock l = whole_file(F_WRLCK);
  return ::fcntl(fd, F_OFD_GETLK, &l) == 0 && l.l_type != F_UNLCK;
}

net::file_id identify(int fd) {
  struct stat s {};
  return ::fstat(fd, &s) == 0 ? net::file_id{s.st_dev, s.st_ino} : net::file_id{};
}

// The number in the file; 0 if the file is empty; none if it holds something else.
std::optional<pid_t> read_number(int fd) {
  std::array<char, 32> text;
  const ssize_t n = ::pread(fd, text.data(), text.size(), 0);
  if (n == 0) return 0;
  pid_t pid = 0;
  const auto r = std::from_chars(text.data(), text.data() + std::max<ssize_t>(n, 0), pid);
  const bool ends = r.ptr == text.data() + n || (r.ptr == text.data() + n - 1 && *r.ptr == '\n');
  if (n < 0 || r.ec != std::errc() || !ends || pid <= 0) return {};
  return pid;
}

// The file at `path`, locked; made if it is not there. Another master may put its own there while we wait for the lock.
net::unique_fd lock_file(const std::string& path) {
  for (;;) {
    net::unique_fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644));
    if (!fd) fail_with_errno("open", path);
    const auto old = read_number(fd.get());
    if (!old)
      fail("{} holds something else than a process number, so it is no pid file: give another --pid-file, or remove it",
           path);
    if (!try_lock(fd.get())) {
      if (errno != EAGAIN && errno != EACCES) fail_with_errno("lock", path);
      fail("epollhost runs already as process {} with the pid file {}: stop that one, or give another --pid-file", *old,
           path);
    }
    if (identify(fd.get()) == net::identify(path)) return fd;
  }
}

// A locked file with our number under a name of its own.
net::unique_fd write_beside(const std::string& name, const std::string& path) {
  net::unique_fd fd(::open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  const std::string text = fmt::format("{}\n", ::getpid());
  if (fd && try_lock(fd.get()) && ::write(fd.get(), text.data(), text.size()) == ssize_t(text.size())) return fd;
  const int error = errno;
  ::unlink(name.c_str()); // what is left of it, if it was made
  errno = error;
  fail_with_errno("write", path);
}

} // namespace

pid_file::pid_file(const std::string& path) : path_(path) {
  const net::unique_fd old = lock_file(path);
  const std::string beside = fmt::format("{}.{}", path, ::getpid());
  ::unlink(beside.c_str()); // of a process with our number that died at this point
  fd_ = write_beside(beside, path);
  if (::rename(beside.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::unlink(beside.c_str());
    errno = error;
    fail_with_errno("write", path);
  }
  id_ = identify(fd_.get());
}

pid_file::pid_file(const std::string& path, net::unique_fd fd)
    : path_(path), fd_(std::move(fd)), id_(identify(fd_.get())) {}

pid_file::~pid_file() {
  if (fd_) net::remove_file(path_, id_);
}

pid_t read_pid(const std::string& path) {
  const net::unique_fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd && errno == ENOENT) fail("there is no pid file {}: epollhost does not run, or with another --pid-file", path);
  if (!fd) fail_with_errno("read", path);
  const auto pid = read_number(fd.get());
  if (!pid || *pid == 0) fail("{} holds no process number, so it is no pid file: give another --pid-file", path);
  if (!is_locked(fd.get()))
    fail("process {} of the pid file {} does not run any more; it ended without removing the file", *pid, path);
  return *pid;
}

} // namespace epollhost::master
