// Distributed under the Boost Software License, Version 1.0.
// The clocks.
#ifndef EPOLLHOST_NET_CLOCK_HPP
#define EPOLLHOST_NET_CLOCK_HPP

#include <cstdint>

namespace epollhost::net {

/// CLOCK_MONOTONIC in nanoseconds.
std::int64_t monotonic_ns();

/// Nanoseconds since 1970 UTC.
std::int64_t wall_ns();

} // namespace epollhost::net

#endif
