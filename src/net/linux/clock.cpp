// Distributed under the Boost Software License, Version 1.0.
// The clocks.
#include "net/clock.hpp"

#include <time.h>

namespace epollhost::net {
namespace {

std::int64_t read(clockid_t id) {
  timespec t{};
  ::clock_gettime(id, &t); // cannot fail for these two clocks
  return std::int64_t(t.tv_sec) * 1'000'000'000 + t.tv_nsec;
}

} // namespace

// Once a turn: what the kernel writes has a size that is known, and a canary would cost as much as the rest.
__attribute__((no_stack_protector)) std::int64_t monotonic_ns() { return read(CLOCK_MONOTONIC); }
std::int64_t wall_ns() { return read(CLOCK_REALTIME); }

} // namespace epollhost::net
