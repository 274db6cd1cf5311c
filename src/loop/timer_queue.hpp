// Distributed under the Boost Software License, Version 1.0.
// When which object is to be called: a heap of deadlines.
#ifndef EPOLLHOST_LOOP_TIMER_QUEUE_HPP
#define EPOLLHOST_LOOP_TIMER_QUEUE_HPP

#include "loop/io_object.hpp"

#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

namespace epollhost::loop {

/// A heap with four children a node: a cache line of children, and half the depth of a binary one. Each object knows
/// its place, so moving and removing are O(log n) too. No allocation once it has had its greatest size.
class timer_queue {
public:
  static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

  /// Arm, or move. Times are CLOCK_MONOTONIC nanoseconds.
  void arm(io_object& o, std::int64_t when_ns);
  void disarm(io_object& o);
  bool armed(const io_object& o) const { return o.timer_index_ != none; }
  std::int64_t when(const io_object& o) const { return armed(o) ? heap_[o.timer_index_].when : never; }

  /// The earliest deadline, or `never`.
  std::int64_t earliest() const { return earliest_; }

  /// Take the earliest one out if its time has passed; null if none has.
  io_object* pop_expired(std::int64_t now_ns);

  std::size_t size() const { return heap_.size(); }

private:
  static constexpr std::uint32_t none = ~0u;
  struct entry {
    std::int64_t when;
    io_object* object;
  };

  void put(std::size_t at, entry e);
  void sift_up(std::size_t at, entry e);
  void sift_down(std::size_t at, entry e);
  void move_to(std::size_t at, entry e);

  std::vector<entry> heap_;
  std::int64_t earliest_ = never; // of heap_.front()
};

} // namespace epollhost::loop

#endif
