// Distributed under the Boost Software License, Version 1.0.
// Tells a process from the copies that fork(2) makes of it.
#include "net/fork_mark.hpp"

#include <sys/mman.h>
#include <unistd.h>

namespace epollhost::net {
namespace {

constexpr char always = 1;

} // namespace

fork_mark::fork_mark() : mark_(&always) {
  const auto size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  void* const at = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) return;
  mapped_ = size;
  char* const mark = static_cast<char*>(at);
  *mark = always;
  mark_ = mark;
  ::madvise(at, size, MADV_WIPEONFORK); // where the kernel does not know it, the byte stays what it is
}

fork_mark::~fork_mark() {
  if (mapped_ != 0) ::munmap(const_cast<char*>(mark_), mapped_);
}

} // namespace epollhost::net
