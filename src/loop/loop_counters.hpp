// Distributed under the Boost Software License, Version 1.0.
// What a loop shows of itself while it runs.
#ifndef EPOLLHOST_LOOP_LOOP_COUNTERS_HPP
#define EPOLLHOST_LOOP_LOOP_COUNTERS_HPP

#include "base/counter.hpp"

#include <atomic>

namespace epollhost::loop {

/// Written by the loop's thread alone.
struct loop_counters {
  /// CLOCK_MONOTONIC when the loop last returned from waiting; 0 while it waits. A watcher sees a stalled loop by it.
  std::atomic<std::int64_t> busy_since_ns{0};
  counter turns;        ///< of the loop, each with one wait; while spinning, several looks are one
  counter events;       ///< harvested
  counter stale_events; ///< for an object that had gone in the same harvest; dropped
};

} // namespace epollhost::loop

#endif
