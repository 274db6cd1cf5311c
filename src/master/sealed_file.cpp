// Distributed under the Boost Software License, Version 1.0.
// A copy of a file that nobody can change any more.
#include "master/sealed_file.hpp"

#include "net/error.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

namespace epollhost::master {
namespace {

net::unique_fd make_empty(const std::string& name) {
  net::unique_fd fd(::memfd_create(name.c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (fd) return fd;
  const char* const folder = std::getenv("RUNTIME_DIRECTORY");
  fd.reset(::open(folder ? folder : "/run", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!fd) net::throw_last_error("memfd_create, and a nameless file in the run folder");
  return fd;
}

void copy(int from, int to, off_t size) {
  while (size > 0) {
    const ssize_t n = ::sendfile(to, from, nullptr, static_cast<std::size_t>(size));
    if (n < 0 && errno != EINTR) net::throw_last_error("sendfile");
    if (n == 0)
      throw net::system_error(net::error_code(EIO, boost::system::system_category()), "the file became shorter");
    if (n > 0) size -= n;
  }
}

} // namespace

sealed_file::sealed_file(const std::string& path) {
  const net::unique_fd from(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat s {};
  if (!from || ::fstat(from.get(), &s) != 0) net::throw_last_error("open");
  fd_ = make_empty(path.substr(path.rfind('/') + 1).substr(0, 200));
  copy(from.get(), fd_.get(), s.st_size);
  ::fchmod(fd_.get(), 0444); // a worker without rights opens it by its path; an error shows there
  // A file in the run folder takes no seals; nobody else has its name.
  ::fcntl(fd_.get(), F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
}

std::string sealed_file::path() const { return fmt::format("/proc/{}/fd/{}", ::getpid(), fd_.get()); }

} // namespace epollhost::master
