// Distributed under the Boost Software License, Version 1.0.
// Makes outgoing connections.
#ifndef EPOLLHOST_NET_CONNECT_HPP
#define EPOLLHOST_NET_CONNECT_HPP

#include "net/endpoint.hpp"
#include "net/socket.hpp"
#include "net/unique_fd.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace epollhost::net {

/// Where a connection shall lead: an endpoint, or a name that must be looked up first.
struct target {
  std::optional<net::endpoint> endpoint;
  std::string name; ///< without the port; empty if there is an endpoint
  std::uint16_t port = 0;
};

/// `127.0.0.1:80`, `[::1]:80`, `[fe80::1%eth0]:80`, `name:80`, `unix:/path`, `unix:@name`. Nothing is looked up.
/// Empty if the text is none of them; `fault` is then what is wrong with it and what to write.
std::optional<target> parse_target(std::string_view text, std::string& fault);

/// Make a socket with the options that accepted ones have, and begin to connect it. Answers 0 if it is connected,
/// -EINPROGRESS if the socket will become writable once that is decided, or another -errno. Source: connect(2).
result connect(const endpoint& to, bool nodelay, unique_fd& fd);

/// A socket in progress has become writable: 0, or the -errno of what came of it. A TCP socket that has met itself (a
/// port that nobody listens on may be its own) is refused.
result finish_connect(int fd);

} // namespace epollhost::net

#endif
