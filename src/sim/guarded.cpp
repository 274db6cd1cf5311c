// Distributed under the Boost Software License, Version 1.0.
// Memory that ends where nothing may be touched.
#include "sim/guarded.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <new>

namespace epollhost::sim {
namespace {

std::size_t page() {
  static const auto bytes = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return bytes;
}

std::size_t pages(std::size_t len) { return (len + page() - 1) / page() * page(); }

} // namespace

char* take_guarded(std::size_t len, std::size_t alignment) {
  const std::size_t room = pages(len + 1);
  void* const all = ::mmap(nullptr, room + page(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (all == MAP_FAILED) throw std::bad_alloc();
  char* const end = static_cast<char*>(all) + room;
  ::mprotect(end, page(), PROT_NONE); // of our own mapping, on a page's edge: it cannot fail but for memory
  const auto at = reinterpret_cast<std::uintptr_t>(end - len) / alignment * alignment;
  return reinterpret_cast<char*>(at);
}

void release_guarded(char* bytes, std::size_t len) {
  const std::uintptr_t end = pages(reinterpret_cast<std::uintptr_t>(bytes) + len);
  const std::size_t room = pages(len + 1);
  ::munmap(reinterpret_cast<void*>(end - room), room + page());
}

void forbid_guarded(char* bytes, std::size_t len) {
  const auto first = reinterpret_cast<std::uintptr_t>(bytes) / page() * page();
  const auto last = pages(reinterpret_cast<std::uintptr_t>(bytes) + len + 1);
  ::mprotect(reinterpret_cast<void*>(first), last - first, PROT_NONE);
}

} // namespace epollhost::sim
