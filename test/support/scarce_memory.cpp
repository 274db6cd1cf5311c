// Distributed under the Boost Software License, Version 1.0.
// Memory that runs out, in a test program that links scarce_memory.cpp.
#include "support/scarce_memory.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

constexpr int plenty = -1;
thread_local int left = plenty;
thread_local bool asked_for_more = false;

void* allocate(std::size_t size, std::size_t alignment) {
  if (left == 0) {
    asked_for_more = true;
    throw std::bad_alloc();
  }
  if (left > 0) --left;
  // malloc where it will do: the thread sanitizer tells nobody of the other one, and all of it is counted.
  const std::size_t whole = std::max<std::size_t>((size + alignment - 1) & ~(alignment - 1), alignment);
  void* const at = alignment <= alignof(std::max_align_t) ? std::malloc(whole) : std::aligned_alloc(alignment, whole);
  if (!at) throw std::bad_alloc();
  return at;
}

} // namespace

void* operator new(std::size_t size) { return allocate(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t alignment) { return allocate(size, std::size_t(alignment)); }
void operator delete(void* at) noexcept { std::free(at); }
void operator delete(void* at, std::size_t) noexcept { std::free(at); }
void operator delete(void* at, std::align_val_t) noexcept { std::free(at); }
void operator delete(void* at, std::size_t, std::align_val_t) noexcept { std::free(at); }

namespace epollhost::test {

scarce_memory::scarce_memory(int allocations) {
  asked_for_more = false;
  left = allocations;
}
scarce_memory::~scarce_memory() { left = plenty; }
bool scarce_memory::ran_out() const { return asked_for_more; }

} // namespace epollhost::test
