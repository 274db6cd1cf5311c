// Distributed under the Boost Software License, Version 1.0.
// The file that says which process the master is, and that it still is.
#include "master/pid_file.hpp"

#include "net/error.hpp"
#include "net/file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <optional>
#include <string_view>

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

std::string lock_of(const std::string& path) { return path + ".lock"; }

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

// What lies at `path` may be replaced: nothing, or a number. Answers it, or 0.
pid_t number_to_replace(const std::string& path) {
  if (net::identify(path) == net::file_id{}) return 0;
  std::string fault;
  const net::unique_fd fd = net::open_named_file(path, fault);
  if (!fd) fail("the pid file {} {}", path, fault);
  const auto number = read_number(fd.get());
  if (number) return *number;
  fail("{} holds something else than a process number, so it is no pid file: give another --pid-file, or remove it",
       path);
}

// Nobody else may have it open: even a lock for reading would keep the next start out.
void check_lock_file(int fd, const std::string& name) {
  struct stat s {};
  if (::fstat(fd, &s) != 0) fail_with_errno("look at the lock of", name);
  if (!S_ISREG(s.st_mode)) fail("{} is no regular file, so it is no lock of a pid file: remove it", name);
  if (s.st_uid != ::geteuid())
    fail("{} belongs to user {}, and this program runs as user {}: remove it, or give another --pid-file", name,
         s.st_uid, ::geteuid());
  if ((s.st_mode & 077) != 0 && ::fchmod(fd, 0600) != 0) fail_with_errno("protect the lock of", name);
}

// The lock file, locked; made if it is not there. A master that ends may remove it while we wait for the lock.
net::unique_fd take_lock(const std::string& path) {
  const std::string name = lock_of(path);
  for (;;) {
    const pid_t old = number_to_replace(path);
    net::unique_fd fd(::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
    if (!fd) fail_with_errno("open the lock of", path);
    check_lock_file(fd.get(), name);
    if (!try_lock(fd.get())) {
      if (errno != EAGAIN && errno != EACCES) fail_with_errno("lock", path);
      fail("epollhost runs already as process {} with the pid file {}: stop that one, or give another --pid-file", old,
           path);
    }
    if (identify(fd.get()) == net::identify(name)) return fd;
  }
}

// Who finds the pid file finds the control socket by what is in its lock.
void write_control(int lock, const std::string& path, const std::string& control) {
  const std::string text = control + "\n";
  if (::ftruncate(lock, 0) != 0 || ::pwrite(lock, text.data(), text.size(), 0) != ssize_t(text.size()))
    fail_with_errno("write the lock of", path);
}

// A file with our number, under a name of its own.
net::file_id write_beside(const std::string& name, const std::string& path) {
  const net::unique_fd fd(::open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  const std::string text = fmt::format("{}\n", ::getpid());
  if (fd && ::write(fd.get(), text.data(), text.size()) == ssize_t(text.size())) return identify(fd.get());
  const int error = errno;
  ::unlink(name.c_str()); // what is left of it, if it was made
  errno = error;
  fail_with_errno("write", path);
}

} // namespace

pid_file::pid_file(const std::string& path, const std::string& control) : path_(path), lock_path_(lock_of(path)), lock_(take_lock(path)) {
  write_control(lock_.get(), path, control);
  const std::string beside = fmt::format("{}.{}", path, ::getpid());
  ::unlink(beside.c_str()); // of a process with our number that died at this point
  id_ = write_beside(beside, path);
  if (::rename(beside.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::unlink(beside.c_str());
    errno = error;
    fail_with_errno("write", path);
  }
}

pid_file::pid_file(const std::string& path, const std::string& control, net::unique_fd lock)
    : path_(path), lock_path_(lock_of(path)), lock_(std::move(lock)), id_(net::identify(path)) {
  write_control(lock_.get(), path, control);
}

pid_file::~pid_file() {
  if (!lock_) return;
  net::remove_file(path_, id_);
  net::remove_file(lock_path_, identify(lock_.get())); // before the lock goes: who takes it looks whether it is there
}

pid_t read_pid(const std::string& path) {
  std::string fault;
  const net::unique_fd fd = net::open_named_file(path, fault);
  if (!fd && net::kind_of(path).empty()) fail("there is no pid file {}: epollhost does not run, or with another --pid-file", path);
  if (!fd) fail("the pid file {} {}", path, fault);
  const auto pid = read_number(fd.get());
  if (!pid || *pid == 0) fail("{} holds no process number, so it is no pid file: give another --pid-file", path);
  const net::unique_fd lock(::open(lock_of(path).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!lock && errno == EACCES)
    fail("only the user that runs epollhost, and root, may ask for the process of the pid file {}", path);
  if (!lock || !is_locked(lock.get()))
    fail("process {} of the pid file {} does not run any more; it ended without removing the file", *pid, path);
  return *pid;
}

std::string control_of(const std::string& path) {
  const net::unique_fd lock(::open(lock_of(path).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  std::array<char, 256> text; // more than a socket's path may have
  const ssize_t n = lock ? ::pread(lock.get(), text.data(), text.size(), 0) : -1;
  const std::string_view read(text.data(), static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
  const auto end = read.find('\n');
  return end == read.npos || end == 0 ? path + ".control" : std::string(read.substr(0, end));
}

} // namespace epollhost::master
