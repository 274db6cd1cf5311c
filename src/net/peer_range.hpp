// Distributed under the Boost Software License, Version 1.0.
// Peers by their address.
#ifndef EPOLLHOST_NET_PEER_RANGE_HPP
#define EPOLLHOST_NET_PEER_RANGE_HPP

#include "net/endpoint.hpp"

#include <netinet/in.h>

#include <optional>
#include <string_view>

namespace epollhost::net {

/// An address or the beginning that many have in common. An IPv4 address is the same as IPv4 and mapped into IPv6. No
/// peer of a unix socket is in any.
class peer_range {
public:
  /// `192.0.2.7`, `192.0.2.0/24`, `2001:db8::/32`; empty if it is none of these.
  static std::optional<peer_range> parse(std::string_view text);

  bool has(const endpoint& peer) const;

private:
  in6_addr first_{};
  unsigned bits_ = 0;
};

} // namespace epollhost::net

#endif
