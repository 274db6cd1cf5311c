// Distributed under the Boost Software License, Version 1.0.
// How much the process has allocated.
#include "sim/memory.hpp"

#include <malloc.h>

namespace epollhost::sim {

std::size_t live_bytes() {
  const auto info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

} // namespace epollhost::sim
