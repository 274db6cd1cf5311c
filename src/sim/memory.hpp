// Distributed under the Boost Software License, Version 1.0.
// How much the process has allocated.
#ifndef EPOLLHOST_SIM_MEMORY_HPP
#define EPOLLHOST_SIM_MEMORY_HPP

#include <cstddef>

namespace epollhost::sim {

/// Bytes that malloc has given and nobody has given back, the plugin's too. 0 under a sanitizer that has its own
/// malloc.
std::size_t live_bytes();

} // namespace epollhost::sim

#endif
