// Distributed under the Boost Software License, Version 1.0.
// How long and how much: the way between two simulated sockets.
#ifndef EPOLLHOST_NET_SIM_NETWORK_HPP
#define EPOLLHOST_NET_SIM_NETWORK_HPP

#include <cstddef>
#include <cstdint>

namespace epollhost::net::sim {

/// The way from one socket to the other.
struct path {
  std::int64_t least_ns = 0,
               most_ns = 0;              ///< how long a piece travels; 0: it is there when send returns, as on loopback
  std::size_t pieces_max = 1;            ///< one send is cut into at most so many
  std::size_t send_room = 256 * 1024;    ///< SO_SNDBUF
  std::size_t receive_room = 256 * 1024; ///< SO_RCVBUF of the other end
};

} // namespace epollhost::net::sim

#endif
