// Distributed under the Boost Software License, Version 1.0.
// Memory of coroutine frames, used again and again. Plugins may include this (through async.hpp).
#ifndef EPOLLHOST_ASYNC_FRAME_POOL_HPP
#define EPOLLHOST_ASYNC_FRAME_POOL_HPP

#include <array>
#include <bit>
#include <cstddef>
#include <new>

namespace epollhost::detail {

/// Keeps blocks that were given back, by size class, for whoever asks next; so it never holds more than was in use at
/// once. One for each thread that has an instance. A block is one of ::operator new: where there is no pool yet, or no
/// longer, frames come and go without it.
class frame_pool {
public:
  static constexpr std::size_t block_bytes_max = 64 * 1024; ///< larger frames are not kept

  frame_pool() = default;
  frame_pool(const frame_pool&) = delete;
  ~frame_pool() {
    for (block*& first : free_)
      while (first) ::operator delete(pop(first));
  }

  void* take(std::size_t bytes) {
    block*& first = free_[class_of(bytes)];
    return first ? pop(first) : ::operator new(class_bytes(class_of(bytes)));
  }

  void give(void* frame, std::size_t bytes) noexcept {
    block*& first = free_[class_of(bytes)];
    first = new (frame) block{first};
  }

  // Steps of 16 bytes up to some 1 KiB, each 8 bytes off, which is what malloc gives without waste; then powers of two.
  static constexpr std::size_t class_of(std::size_t bytes) {
    if (bytes <= small_bytes_max) return bytes <= 24 ? 0 : (bytes + 7) / 16 - 1;
    return small_classes + std::size_t(std::bit_width(bytes - 1)) - 11;
  }
  static constexpr std::size_t class_bytes(std::size_t c) {
    return c < small_classes ? 16 * c + 24 : std::size_t(1) << (c - small_classes + 11);
  }

private:
  static constexpr std::size_t small_classes = 64, small_bytes_max = 16 * small_classes + 8;
  static constexpr std::size_t classes = small_classes + 6;

  struct block {
    block* next;
  };
  static void* pop(block*& first) {
    block* const b = first;
    first = b->next;
    return b;
  }

  std::array<block*, classes> free_{}; // of each class
};
static_assert(frame_pool::class_of(frame_pool::block_bytes_max) == 69);

struct thread_frames {
  frame_pool* pool = nullptr;
  std::size_t users = 0;
};

/// Hidden whatever the build's flags are: a plugin's pool is its own. Without a destructor, so that it pins nothing.
__attribute__((visibility("hidden"))) inline constinit thread_local thread_frames frames_here{};

/// Keeps this thread's pool alive: an instance has one.
class frame_pool_user {
public:
  frame_pool_user() {
    if (!frames_here.pool) frames_here.pool = new frame_pool;
    ++frames_here.users;
  }
  frame_pool_user(const frame_pool_user&) = delete;
  ~frame_pool_user() {
    if (--frames_here.users > 0) return;
    delete frames_here.pool;
    frames_here.pool = nullptr;
  }
};

// The address sanitizer sees the use of a destroyed frame only if its memory is not used again at once.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool recycles_frames = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
inline constexpr bool recycles_frames = false;
#else
inline constexpr bool recycles_frames = true;
#endif
#else
inline constexpr bool recycles_frames = true;
#endif

inline std::size_t block_bytes(std::size_t bytes) {
  if (!recycles_frames || bytes > frame_pool::block_bytes_max) return bytes;
  return frame_pool::class_bytes(frame_pool::class_of(bytes));
}

inline void* take_frame(std::size_t bytes) {
  if (recycles_frames && frames_here.pool && bytes <= frame_pool::block_bytes_max) return frames_here.pool->take(bytes);
  return ::operator new(block_bytes(bytes));
}

inline void give_frame(void* frame, std::size_t bytes) noexcept {
  if (recycles_frames && frames_here.pool && bytes <= frame_pool::block_bytes_max)
    frames_here.pool->give(frame, bytes);
  else
    ::operator delete(frame);
}

} // namespace epollhost::detail

#endif
