// Distributed under the Boost Software License, Version 1.0.
// A copy of a file that nobody can change any more.
#include "master/sealed_file.hpp"

#include "net/error.hpp"
#include "net/file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

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

// Whether the files of a folder may be executed, so mapped by the dynamic linker.
bool may_execute_in(const char* folder) {
  struct statvfs s {};
  return folder && ::statvfs(folder, &s) == 0 && !(s.f_flag & ST_NOEXEC);
}

} // namespace

sealed_file::copy_on_disk::~copy_on_disk() {
  if (path.empty() || ::getpid() != owner) return;
  ::unlink(path.c_str()); // an error leaves a stale file
  ::rmdir(path.substr(0, path.rfind('/')).c_str());
}

// For a process that finds its descriptors by no path. Only the owner may write in the folder.
void sealed_file::make_copy_on_disk(const std::string& name, off_t size) {
  for (const char* const folder : {static_cast<const char*>(std::getenv("RUNTIME_DIRECTORY")), "/run", "/tmp"}) {
    if (!may_execute_in(folder)) continue;
    std::string own = fmt::format("{}/epollhost-plugin-XXXXXX", folder);
    if (!::mkdtemp(own.data())) continue;
    const std::string path = own + "/" + name;
    net::unique_fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!fd) {
      ::rmdir(own.c_str());
      continue;
    }
    copy_.path = path;
    copy_.owner = ::getpid();
    if (::lseek(fd_.get(), 0, SEEK_SET) != 0) net::throw_last_error("lseek");
    copy(fd_.get(), fd.get(), size);
    if (::fchmod(fd.get(), 0444) != 0 || ::chmod(own.c_str(), 0755) != 0) net::throw_last_error("chmod");
    return;
  }
}

sealed_file::sealed_file(const std::string& path) {
  std::string fault;
  const net::unique_fd from = net::open_named_file(path, fault);
  struct stat s {};
  if (!from) throw std::runtime_error(fmt::format("{} {}", path, fault));
  if (::fstat(from.get(), &s) != 0) net::throw_last_error("fstat");
  fd_ = make_empty(path.substr(path.rfind('/') + 1).substr(0, 200));
  copy(from.get(), fd_.get(), s.st_size);
  ::fchmod(fd_.get(), 0444); // a worker without rights opens it by its path; an error shows there
  // A file in the run folder takes no seals; nobody else has its name.
  ::fcntl(fd_.get(), F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
  struct stat there {};
  if (::stat(fmt::format("/proc/self/fd/{}", fd_.get()).c_str(), &there) != 0)
    make_copy_on_disk(path.substr(path.rfind('/') + 1), s.st_size);
}

// A /proc of another process namespace has other processes under our number: only what is the same file counts.
std::string sealed_file::path() const {
  struct stat own {};
  if (::fstat(fd_.get(), &own) != 0) net::throw_last_error("fstat of a sealed file");
  for (const std::string& process : {std::to_string(::getpid()), std::string("self")}) {
    std::string path = fmt::format("/proc/{}/fd/{}", process, fd_.get());
    struct stat there {};
    if (::stat(path.c_str(), &there) == 0 && there.st_dev == own.st_dev && there.st_ino == own.st_ino) return path;
  }
  if (!copy_.path.empty()) return copy_.path;
  throw std::runtime_error("cannot load the plugin: neither /proc is mounted nor could a copy of it be made in "
                           "RUNTIME_DIRECTORY, /run or /tmp. Mount /proc, or a run folder without noexec");
}

} // namespace epollhost::master
