// Distributed under the Boost Software License, Version 1.0.
// Input that a plugin left unconsumed.
#include "worker/input_tail.hpp"

#include <cstring>
#include <new>
#include <utility>

namespace epollhost {

void input_tail::assign(buffer_pool& pool, std::string_view from) {
  if (from.empty()) return clear(pool);
  std::size_t room = 0;
  if (block_) block_->size = 0;
  std::memcpy(reserve(pool, from.size(), room), from.data(), from.size());
  commit(from.size());
}

char* input_tail::reserve(buffer_pool& pool, std::size_t more, std::size_t& room) {
  const std::size_t used = size();
  if (!block_ || block_->total - sizeof(block) - used < more) {
    const std::size_t total = buffer_pool::rounded(sizeof(block) + used + more);
    auto* const bigger = new (pool.take(total)) block{used, total};
    if (block_) {
      std::memcpy(bigger + 1, block_ + 1, used);
      pool.give(block_, block_->total);
    }
    block_ = bigger;
  }
  room = block_->total - sizeof(block) - used;
  return bytes() + used;
}

void input_tail::consume(buffer_pool& pool, std::size_t len) {
  if (len == 0) return;
  if (len == size()) return clear(pool);
  block_->size -= len;
  std::memmove(bytes(), bytes() + len, block_->size);
}

void input_tail::clear(buffer_pool& pool) {
  if (!block_) return;
  block* const old = std::exchange(block_, nullptr);
  pool.give(old, old->total);
}

} // namespace epollhost
