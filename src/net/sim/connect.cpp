// Distributed under the Boost Software License, Version 1.0.
// Makes outgoing connections of the simulated kernel.
#include "net/connect.hpp"

#include "net/sim/kernel.hpp"

namespace epollhost::net {

result connect(const endpoint& to, bool, unique_fd& fd) {
  int number = -1;
  const result r = sim::kernel::current().connect(to, number);
  fd.reset(number);
  return r;
}

result finish_connect(int fd) { return -take_error(fd).value(); }

} // namespace epollhost::net
