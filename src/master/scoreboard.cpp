// Distributed under the Boost Software License, Version 1.0.
// The pages of all workers, in memory that they share with the master.
#include "master/scoreboard.hpp"

#include "net/error.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <new>
#include <stdexcept>
#include <utility>

namespace epollhost::master {
namespace {

constexpr std::size_t bytes = scoreboard::pages_max * sizeof(worker_page);

} // namespace

scoreboard::scoreboard(net::unique_fd inherited) : fd_(std::move(inherited)), taken_(pages_max) {
  if (!fd_) {
    fd_.reset(::memfd_create("epollhost scoreboard", MFD_CLOEXEC));
    if (!fd_ || ::ftruncate(fd_.get(), bytes) != 0) net::throw_last_error("memfd_create of the scoreboard");
  }
  map();
}

scoreboard::~scoreboard() { ::munmap(pages_, bytes); }

void scoreboard::map() {
  void* const at = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd_.get(), 0);
  if (at == MAP_FAILED) net::throw_last_error("mmap of the scoreboard");
  pages_ = static_cast<worker_page*>(at); // only pages that are taken are ever touched
}

worker_page& scoreboard::take() {
  const auto at = static_cast<std::size_t>(std::find(taken_.begin(), taken_.end(), false) - taken_.begin());
  if (at == pages_max) throw std::length_error("more workers than the scoreboard has pages");
  taken_[at] = true;
  return *new (pages_ + at) worker_page;
}

void scoreboard::give(worker_page& page) { taken_[index_of(page)] = false; }

worker_page& scoreboard::adopt(std::size_t index) {
  taken_.at(index) = true;
  return pages_[index];
}

} // namespace epollhost::master
