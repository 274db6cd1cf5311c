// Distributed under the Boost Software License, Version 1.0.
// Input that a plugin left unconsumed.
#ifndef EPOLLHOST_WORKER_INPUT_TAIL_HPP
#define EPOLLHOST_WORKER_INPUT_TAIL_HPP

#include "worker/buffer_pool.hpp"

#include <cstddef>
#include <string_view>

namespace epollhost {

/// Contiguous bytes at the front of a growing block. An empty one costs eight bytes. It must be cleared with its pool
/// before it dies. Functions that allocate throw bad_alloc and change nothing then.
class input_tail {
public:
  input_tail() = default;
  input_tail(const input_tail&) = delete;
  input_tail& operator=(const input_tail&) = delete;

  bool empty() const { return !block_; }
  std::size_t size() const { return block_ ? block_->size : 0; }
  std::string_view view() const { return block_ ? std::string_view(bytes(), block_->size) : std::string_view(); }

  /// Replace what is there; `bytes` may not lie inside.
  void assign(buffer_pool& pool, std::string_view bytes);

  /// Room for at least `more` bytes behind the end. Answers where; `room` is how many really.
  char* reserve(buffer_pool& pool, std::size_t more, std::size_t& room);
  void commit(std::size_t len) { block_->size += len; }

  /// Drop the first `len` bytes; with the last one the block goes back.
  void consume(buffer_pool& pool, std::size_t len);
  void clear(buffer_pool& pool);

private:
  struct block {
    std::size_t size;
    std::size_t total; // of the block, with this head
  };
  char* bytes() const { return reinterpret_cast<char*>(block_ + 1); }

  block* block_ = nullptr;
};

} // namespace epollhost

#endif
