// Distributed under the Boost Software License, Version 1.0.
// Deadlines: a moment and a duration added without overflow. Plugins may include this (through plugin.hpp).
#ifndef EPOLLHOST_DEADLINE_HPP
#define EPOLLHOST_DEADLINE_HPP

#include <chrono>
#include <cstdint>
#include <limits>

namespace epollhost {

/// The moment `time_ns` after `now_ns`, both in nanoseconds. One that is beyond what 64 bits hold is the last moment
/// that they do, which the host takes for "never". Every deadline of host and plugins is made here. [any]
constexpr std::int64_t deadline_after(std::int64_t now_ns, std::int64_t time_ns) noexcept {
  using limits = std::numeric_limits<std::int64_t>;
  if (time_ns > 0 && now_ns > limits::max() - time_ns) return limits::max();
  if (time_ns < 0 && now_ns < limits::min() - time_ns) return limits::min();
  return now_ns + time_ns;
}
constexpr std::int64_t deadline_after(std::int64_t now_ns, std::chrono::nanoseconds time) noexcept {
  return deadline_after(now_ns, std::int64_t(time.count()));
}

} // namespace epollhost

#endif
