// Distributed under the Boost Software License, Version 1.0.
// Blocks of memory by powers of two, kept for reuse.
#include "worker/buffer_pool.hpp"

#include <algorithm>
#include <bit>
#include <new>
#include <utility>

namespace epollhost {

std::size_t buffer_pool::rounded(std::size_t bytes) {
  return bytes > std::size_t(1) << most_bits ? bytes : std::bit_ceil(std::max(bytes, std::size_t(1) << least_bits));
}

void* buffer_pool::take(std::size_t bytes) {
  const std::size_t size = rounded(bytes);
  if (size > std::size_t(1) << most_bits) return ::operator new(size);
  free_block*& head = free_[static_cast<unsigned>(std::bit_width(size) - 1) - least_bits];
  if (!head) return ::operator new(size);
  free_block* const block = head;
  head = block->next;
  kept_bytes_ -= size;
  return block;
}

void buffer_pool::give(void* block, std::size_t bytes) noexcept {
  const std::size_t size = rounded(bytes);
  if (size > std::size_t(1) << most_bits || kept_bytes_ + size > kept_bytes_max) return ::operator delete(block);
  free_block*& head = free_[static_cast<unsigned>(std::bit_width(size) - 1) - least_bits];
  head = new (block) free_block{head};
  kept_bytes_ += size;
}

buffer_pool::~buffer_pool() {
  for (free_block* head : free_)
    while (head) ::operator delete(std::exchange(head, head->next));
}

} // namespace epollhost
