// Distributed under the Boost Software License, Version 1.0.
// Equal cells of memory, for connection records with the plugin's state beside them.
#include "worker/slab.hpp"

#include <algorithm>
#include <new>

namespace epollhost {
namespace {

constexpr std::size_t block_bytes = 64 * 1024;

std::size_t round_up(std::size_t n, std::size_t alignment) { return (n + alignment - 1) / alignment * alignment; }

} // namespace

slab::slab(std::size_t cell_bytes, std::size_t alignment)
    : cell_bytes_(round_up(std::max(cell_bytes, sizeof(free_cell)), alignment)), alignment_(alignment),
      cells_a_block_(std::max<std::size_t>(1, block_bytes / cell_bytes_)) {}

slab::~slab() {
  for (void* block : blocks_) ::operator delete(block, std::align_val_t(alignment_));
}

void slab::grow() {
  blocks_.reserve(blocks_.size() + 1);
  auto* const block = static_cast<char*>(::operator new(cells_a_block_* cell_bytes_, std::align_val_t(alignment_)));
  blocks_.push_back(block);
  for (std::size_t i = cells_a_block_; i-- > 0;) give(block + i * cell_bytes_); // so that the first is given first
}

void* slab::take() {
  if (!free_) grow();
  free_cell* const cell = free_;
  free_ = cell->next;
  return cell;
}

void slab::give(void* cell) noexcept { free_ = new (cell) free_cell{free_}; }

} // namespace epollhost
