// Distributed under the Boost Software License, Version 1.0.
// Bytes that end exactly where memory ends: one more and the test dies.

#ifndef EPOLLHOST_TEST_HTTP_GUARDED_HPP
#define EPOLLHOST_TEST_HTTP_GUARDED_HPP

#include <cstddef>
#include <cstring>
#include <new>
#include <string_view>
#include <sys/mman.h>

namespace http_test {

/// Own a mapping whose last page can't be read, and put bytes right before it; also right behind one, for reads that
/// begin too early. Lives as long as a test.
class guarded {
public:
  explicit guarded(std::size_t bytes_max) : size_{(bytes_max + page - 1) / page * page} {
    void* map = ::mmap(nullptr, size_ + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED) throw std::bad_alloc{};
    begin_ = static_cast<char*>(map) + page;
    if (::mprotect(begin_, size_, PROT_READ | PROT_WRITE) != 0) throw std::bad_alloc{};
  }
  ~guarded() { ::munmap(begin_ - page, size_ + 2 * page); }
  guarded(const guarded&) = delete;
  guarded& operator=(const guarded&) = delete;

  /// Copy the bytes so that they end at the unreadable page.
  std::string_view at_end(std::string_view bytes) { return put(begin_ + size_ - bytes.size(), bytes); }

  /// Copy the bytes so that an unreadable page ends where they begin.
  std::string_view at_begin(std::string_view bytes) { return put(begin_, bytes); }

private:
  static constexpr std::size_t page = 4096;

  static std::string_view put(char* where, std::string_view bytes) {
    if (!bytes.empty()) std::memcpy(where, bytes.data(), bytes.size());
    return {where, bytes.size()};
  }

  std::size_t size_;
  char* begin_;
};

} // namespace http_test

#endif
