// Distributed under the Boost Software License, Version 1.0.
// Blocks of memory by powers of two, kept for reuse.
#ifndef EPOLLHOST_WORKER_BUFFER_POOL_HPP
#define EPOLLHOST_WORKER_BUFFER_POOL_HPP

#include <array>
#include <cstddef>

namespace epollhost {

/// Gives blocks of at least 64 bytes and takes them back. What comes back is kept, up to `kept_bytes_max` in all, so
/// that the steady state allocates nothing. Blocks above 1 MiB go straight to the heap. One thread.
class buffer_pool {
public:
  static constexpr std::size_t kept_bytes_max = 8 * 1024 * 1024;

  buffer_pool() = default;
  buffer_pool(const buffer_pool&) = delete;
  buffer_pool& operator=(const buffer_pool&) = delete;
  ~buffer_pool();

  /// The size that a request for `bytes` really gets.
  static std::size_t rounded(std::size_t bytes);

  /// A block of rounded(bytes) bytes, aligned for anything. Throws bad_alloc.
  void* take(std::size_t bytes);

  /// Give back a block that was taken with any size of the same rounded().
  void give(void* block, std::size_t bytes) noexcept;

private:
  static constexpr unsigned least_bits = 6, most_bits = 20;
  struct free_block {
    free_block* next;
  };
  std::array<free_block*, most_bits - least_bits + 1> free_{};
  std::size_t kept_bytes_ = 0;
};

} // namespace epollhost

#endif
