// Distributed under the Boost Software License, Version 1.0.
// What a worker shows of itself while it runs: written by it alone, read by anyone.
#ifndef EPOLLHOST_WORKER_WORKER_PAGE_HPP
#define EPOLLHOST_WORKER_WORKER_PAGE_HPP

#include <atomic>
#include <cstdint>

namespace epollhost {

/// A number with one writer and readers in other processes. Adding costs what it costs a plain integer.
class counter {
public:
  counter() = default;
  counter(const counter& other) { *this = std::uint64_t(other); } // what it was at that moment
  counter& operator=(const counter& other) { return *this = std::uint64_t(other); }

  operator std::uint64_t() const { return value_.load(std::memory_order_relaxed); }
  counter& operator+=(std::uint64_t n) {
    value_.store(*this + n, std::memory_order_relaxed);
    return *this;
  }
  counter& operator++() { return *this += 1; }
  counter& operator=(std::uint64_t n) {
    value_.store(n, std::memory_order_relaxed);
    return *this;
  }

private:
  std::atomic<std::uint64_t> value_{0};
};

/// What a worker's connections have done since it started.
struct worker_counters {
  counter accepted;
  counter closed;
  counter reset_by_peer;
  counter timed_out;
  counter plugin_failures;   ///< hooks that threw
  counter contract_breaches; ///< answers of hooks that break a rule of plugin.h
  counter bytes_in;
  counter bytes_out;
  counter data_calls;
  counter accept_failures; ///< EMFILE and the like; the listener rested a while
};

/// Which of the plugin's functions runs.
enum class hook : std::uint32_t { none, open, data, room, timer, wake, drain, close, start, run, tick, stop };

/// "data" and so on; "" for none.
const char* to_string(hook h);

/// Lies in memory shared with the master, on cache lines of its own; or in a worker without a master, in the worker.
struct alignas(64) worker_page {
  std::atomic<std::int64_t> busy_since_ns{0}; ///< CLOCK_MONOTONIC when the loop last returned from waiting; 0: it waits
  std::atomic<std::uint64_t> conn{0};         ///< of the hook in hand
  std::atomic<hook> in_hook{hook::none};
  counter turns; ///< of the loop, as of its last wait
  counter stale_events;
  counter open; ///< connections now
  worker_counters counters;
};

} // namespace epollhost

#endif
