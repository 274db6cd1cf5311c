// Distributed under the Boost Software License, Version 1.0.
// A number that one thread writes and anyone reads.
#ifndef EPOLLHOST_BASE_COUNTER_HPP
#define EPOLLHOST_BASE_COUNTER_HPP

#include <atomic>
#include <cstdint>

namespace epollhost {

/// One writer; readers in other threads, and in other processes if it lies in shared memory. Adding costs what it costs
/// a plain integer.
class counter {
public:
  counter() = default;
  counter(const counter& other) { *this = std::uint64_t(other); } // what it was at that moment
  counter& operator=(const counter& other) { return *this = std::uint64_t(other); }

  operator std::uint64_t() const { return value_.load(std::memory_order_relaxed); }
  counter& operator=(std::uint64_t n) {
    value_.store(n, std::memory_order_relaxed);
    return *this;
  }
  counter& operator+=(std::uint64_t n) { return *this = *this + n; }
  counter& operator++() { return *this += 1; }

private:
  std::atomic<std::uint64_t> value_{0};
};

} // namespace epollhost

#endif
