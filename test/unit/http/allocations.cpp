// Distributed under the Boost Software License, Version 1.0.
// Counts what is taken from the heap, by replacing the operators.

#include "allocations.hpp"

#include <cstdlib>
#include <new>

namespace {
std::size_t taken = 0;
}

std::size_t http_test::allocations() { return taken; }

void* operator new(std::size_t size) {
  ++taken;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc{};
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
