// Distributed under the Boost Software License, Version 1.0.
// The page of one worker, in memory that it shares with the master and with no other process.
#include "master/shared_page.hpp"

#include "net/error.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <new>
#include <stdexcept>
#include <utility>

namespace epollhost::master {
namespace {

constexpr std::size_t kernel_page = 4096;
constexpr std::size_t bytes = (sizeof(worker_page) + kernel_page - 1) / kernel_page * kernel_page;

worker_page* map(int fd) {
  void* const at = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (at == MAP_FAILED) net::throw_last_error("mmap of a worker's page");
  return static_cast<worker_page*>(at);
}

net::unique_fd make_file() {
  net::unique_fd fd(::memfd_create("epollhost page", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd || ::ftruncate(fd.get(), bytes) != 0) net::throw_last_error("memfd_create of a worker's page");
  // A worker that made it smaller would end the master by a SIGBUS.
  if (::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW) != 0)
    net::throw_last_error("fcntl(F_ADD_SEALS) of a worker's page");
  return fd;
}

worker_page* map_for_master(int fd) {
  worker_page* const page = map(fd);
  if (::madvise(page, bytes, MADV_DONTFORK) == 0) return page;
  ::munmap(page, bytes);
  net::throw_last_error("madvise(MADV_DONTFORK) of a worker's page");
}

} // namespace

shared_page::shared_page() : fd_(make_file()), page_(new (map_for_master(fd_.get())) worker_page) {}

shared_page::shared_page(net::unique_fd inherited) : fd_(std::move(inherited)) {
  struct stat s {};
  if (::fstat(fd_.get(), &s) != 0) net::throw_last_error("fstat of a worker's page");
  if (s.st_size != bytes) throw std::runtime_error("a worker's page has another size than this program expects");
  page_ = map_for_master(fd_.get());
}

shared_page::~shared_page() { ::munmap(page_, bytes); }

worker_page& shared_page::map_for_worker(int fd) { return *map(fd); }

} // namespace epollhost::master
