// Distributed under the Boost Software License, Version 1.0.
// Memory whose end and whose end of life cannot be missed.
#ifndef EPOLLHOST_TESTING_DETAIL_GUARDED_HPP
#define EPOLLHOST_TESTING_DETAIL_GUARDED_HPP

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <new>
#include <utility>

namespace epollhost::testing::detail {

/// Pages of its own, in which the bytes stand as far back as their alignment allows:
///
///     [ page | ... slack | bytes ][ page that nobody may touch ]
///
/// A read or write behind the end is a SIGSEGV at once. Starts as zeros.
class guarded_block {
public:
  guarded_block() = default;
  explicit guarded_block(std::size_t size, std::size_t alignment = 1) : size_(size) {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    open_ = (size + page - 1) / page * page;
    mapped_ = open_ + page;
    void* const all = ::mmap(nullptr, mapped_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED) throw std::bad_alloc();
    base_ = static_cast<char*>(all);
    if (open_ && ::mprotect(base_, open_, PROT_READ | PROT_WRITE) != 0) {
      ::munmap(base_, mapped_);
      throw std::bad_alloc();
    }
    begin_ = base_ + (open_ - size) / alignment * alignment;
  }
  guarded_block(guarded_block&& other) noexcept { swap(other); }
  guarded_block& operator=(guarded_block&& other) noexcept {
    guarded_block(std::move(other)).swap(*this);
    return *this;
  }
  ~guarded_block() {
    if (base_) ::munmap(base_, mapped_);
  }

  char* data() const { return begin_; }
  std::size_t size() const { return size_; }
  const char* slack_begin() const { return base_; }     ///< accessible, but before the first byte
  const char* behind() const { return begin_ + size_; } ///< up to the page: less than the alignment
  const char* accessible_end() const { return base_ + open_; }
  const char* pages() const { return base_; } ///< with the one that nobody may touch
  std::size_t pages_size() const { return mapped_; }

  /// From now on a write is a SIGSEGV; after close(), a read too. What was there is gone then.
  void make_read_only() { ::mprotect(base_, open_, PROT_READ); }
  void close() {
    if (!open_) return;
    ::mprotect(base_, open_, PROT_NONE);
    ::madvise(base_, open_, MADV_DONTNEED);
  }

private:
  void swap(guarded_block& other) noexcept {
    std::swap(base_, other.base_);
    std::swap(begin_, other.begin_);
    std::swap(size_, other.size_);
    std::swap(open_, other.open_);
    std::swap(mapped_, other.mapped_);
  }

  char* base_ = nullptr;
  char* begin_ = nullptr;
  std::size_t size_ = 0, open_ = 0, mapped_ = 0;
};

/// Blocks whose life is over. Their addresses stay taken, so that a pointer that somebody has kept leads nowhere else.
class graveyard {
public:
  static constexpr std::size_t blocks_max = 1024;

  void bury(guarded_block&& block) {
    block.close();
    blocks_.push_back(std::move(block));
    if (blocks_.size() > blocks_max) blocks_.pop_front();
  }

private:
  std::deque<guarded_block> blocks_;
};

} // namespace epollhost::testing::detail

#endif
