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

/// Bytes in their order: copies, references whose owner is told when they have left, and parts of files.
///
///     first -> [copied bytes ....] -> [reference] -> [file] -> [copied bytes | room] <- last
///
/// It owns the descriptors of its files. An empty one costs eight bytes; its head is allocated with the first byte. It
/// must be cleared with its pool before it dies. Functions that allocate throw bad_alloc and change nothing then.
class output_queue {
public:
  output_queue() = default;
  output_queue(const output_queue&) = delete;
  output_queue& operator=(const output_queue&) = delete;

  bool empty() const { return !head_; }
  std::size_t bytes() const { return head_ ? head_->bytes : 0; } ///< in memory
  std::uint64_t file_bytes() const { return head_ ? head_->file_bytes : 0; }
  std::size_t files() const { return head_ ? head_->files : 0; }

  /// CLOCK_MONOTONIC when the kernel last took something, or the queue began. 0 if it is empty.
  std::int64_t progress_ns() const { return head_ ? head_->progress_ns : 0; }

  void append(buffer_pool& pool, const void* bytes, std::size_t len, std::int64_t now_ns);
  void append_reference(buffer_pool& pool, const void* bytes, std::size_t len, eh_release release, void* context,
                        std::int64_t now_ns);

  /// `len` bytes, at least one, of a file. The descriptor is the queue's once this has returned.
  void append_file(buffer_pool& pool, int fd, std::uint64_t offset, std::uint64_t len, std::int64_t now_ns);

  /// Describe the first bytes in at most parts.size() parts, up to the first file. Answers how many it took, and
  /// whether a file follows them.
  struct gathered {
    std::size_t count;
    bool file_follows;
  };
  gathered gather(std::span<iovec> parts) const;

  /// The file that stands first, if one does.
  struct file_part {
    int fd;
    std::uint64_t offset, len;
  };
  bool file_first() const { return head_ && head_->files && !head_->first->data; }
  file_part first_file() const;

  /// The kernel took `len` bytes. Release functions of what has left run here.
  void consume(buffer_pool& pool, std::size_t len, std::int64_t now_ns);

  /// Drop all. Every release function runs, every descriptor is closed.
  void clear(buffer_pool& pool);

private:
  struct segment {
    segment* next;
    const char* data;     // null: a file
    std::size_t size;     // bytes that are left of it
    std::size_t room;     // free bytes behind the data; 0 for a reference and a file
    std::size_t block;    // bytes taken from the pool for this segment
    eh_release release;   // of a reference; or null
    void* context;        // of a reference
    std::uint64_t offset; // of a file
    int fd;               // of a file
  };
  struct head {
    segment* first;
    segment* last;
    std::size_t bytes;
    std::int64_t progress_ns;
    std::uint64_t file_bytes;
    std::size_t files;
  };

  head& need_head(buffer_pool& pool, std::int64_t now_ns);
  segment* new_segment(buffer_pool& pool, std::size_t room);
  static void link(head& h, segment* s);
  segment* append_bare(buffer_pool& pool, std::int64_t now_ns);
  void took(std::uint64_t len);
  void pop(buffer_pool& pool);

  head* head_ = nullptr;
};

} // namespace epollhost

#endif
