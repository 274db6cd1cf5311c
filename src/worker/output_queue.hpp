// Distributed under the Boost Software License, Version 1.0.
// Output that the kernel has not taken yet.
#ifndef EPOLLHOST_WORKER_OUTPUT_QUEUE_HPP
#define EPOLLHOST_WORKER_OUTPUT_QUEUE_HPP

#include "epollhost/plugin.h"
#include "worker/buffer_pool.hpp"

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace epollhost {

/// Bytes in their order: copies, and references whose owner is told when they have left.
///
///     first -> [copied bytes ....] -> [reference] -> [copied bytes | room] <- last
///
/// An empty one costs eight bytes; its head is allocated with the first byte. It must be cleared with its pool before
/// it dies. Functions that allocate throw bad_alloc and change nothing then.
class output_queue {
public:
  output_queue() = default;
  output_queue(const output_queue&) = delete;
  output_queue& operator=(const output_queue&) = delete;

  bool empty() const { return !head_; }
  std::size_t bytes() const { return head_ ? head_->bytes : 0; }

  /// CLOCK_MONOTONIC when the kernel last took something, or the queue began. 0 if it is empty.
  std::int64_t progress_ns() const { return head_ ? head_->progress_ns : 0; }

  void append(buffer_pool& pool, const void* bytes, std::size_t len, std::int64_t now_ns);
  void append_reference(buffer_pool& pool, const void* bytes, std::size_t len, eh_release release, void* context,
                        std::int64_t now_ns);

  /// Describe the first bytes in at most parts.size() parts. Answers how many it took.
  std::size_t gather(std::span<iovec> parts) const;

  /// The kernel took `len` bytes. Release functions of what has left run here.
  void consume(buffer_pool& pool, std::size_t len, std::int64_t now_ns);

  /// Drop all. Every release function runs.
  void clear(buffer_pool& pool);

private:
  struct segment {
    segment* next;
    const char* data;
    std::size_t size;
    std::size_t room;   // free bytes behind the data; 0 for a reference
    std::size_t block;  // bytes taken from the pool for this segment
    eh_release release; // of a reference; or null
    void* context;
  };
  struct head {
    segment* first;
    segment* last;
    std::size_t bytes;
    std::int64_t progress_ns;
  };

  head& need_head(buffer_pool& pool, std::int64_t now_ns);
  segment* new_segment(buffer_pool& pool, std::size_t room);
  void link(head& h, segment* s, std::size_t len);
  void pop(buffer_pool& pool);

  head* head_ = nullptr;
};

} // namespace epollhost

#endif
