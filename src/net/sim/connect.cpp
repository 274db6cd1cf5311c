// Distributed under the Boost Software License, Version 1.0.
// Makes outgoing connections of the simulated kernel.
#include "net/connect.hpp"

#include "net/sim/kernel.hpp"

namespace epollhost::net {

result connect(const endpoint& to, bool, unique_fd& fd) {
  const result r = sim::kernel::current().connect(to);
  if (r < 0) return r;
  fd.reset(static_cast<int>(r));
  return 0;
}

result finish_connect(int) { return 0; } // none is ever in progress

} // namespace epollhost::net
