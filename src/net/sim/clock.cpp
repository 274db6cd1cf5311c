// Distributed under the Boost Software License, Version 1.0.
// The clocks of the simulated kernel.
#include "net/clock.hpp"

#include "net/sim/kernel.hpp"

namespace epollhost::net {

std::int64_t monotonic_ns() { return sim::kernel::current().look_at_clock(); }
std::int64_t wall_ns() { return sim::kernel::current().look_at_clock(), sim::kernel::current().wall_ns(); }

} // namespace epollhost::net
