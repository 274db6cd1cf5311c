// Distributed under the Boost Software License, Version 1.0.
// A number that one thread writes and anyone reads.
#ifndef EPOLLHOST_BASE_COUNTER_HPP
#define EPOLLHOST_BASE_COUNTER_HPP

#include <cstdint>

namespace epollhost {

/// One writer; readers in other threads, and in other processes if it lies in shared memory. Adding is the one
/// instruction that it is for a plain integer; of two relaxed accesses the compiler makes three.
class counter {
public:
  counter() = default;
  counter(const counter& other) { *this = std::uint64_t(other); } // what it was at that moment
  counter& operator=(const counter& other) { return *this = std::uint64_t(other); }

  operator std::uint64_t() const { return __atomic_load_n(&value_, __ATOMIC_RELAXED); }
  counter& operator=(std::uint64_t n) {
    __atomic_store_n(&value_, n, __ATOMIC_RELAXED);
    return *this;
  }
  counter& operator+=(std::uint64_t n) {
    value_ += n; // an aligned word, which no reader sees in part
    return *this;
  }
  counter& operator++() { return *this += 1; }

private:
  alignas(8) std::uint64_t value_ = 0;
};

} // namespace epollhost

#endif
