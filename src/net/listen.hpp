// Distributed under the Boost Software License, Version 1.0.
// Makes listening sockets.
#ifndef EPOLLHOST_NET_LISTEN_HPP
#define EPOLLHOST_NET_LISTEN_HPP

#include "net/endpoint.hpp"
#include "net/error.hpp"
#include "net/unique_fd.hpp"

#include <cstdint>
#include <string>

namespace epollhost::net {

/// How a TCP port is shared by several of our sockets (SO_REUSEPORT). The first one is bound without it, so that an
/// address in use is noticed even if the other program is ours, and only then opened for further ones.
enum class port_share { none, first, further };

struct bind_options {
  port_share share = port_share::none;
  bool dual_stack = false;   ///< an IPv6 wildcard also takes IPv4
  bool nodelay = false;      ///< TCP_NODELAY, which accepted sockets inherit
  unsigned unix_mode = 0660; ///< of a unix socket's file
};

/// A bound socket, non-blocking and closed on exec, with SO_REUSEADDR and SO_OOBINLINE, that does not listen yet.
/// A unix socket's file that nobody listens on any more is replaced; a live one, or a file of another type, gives
/// EADDRINUSE. Errors: the kernel's, in `ec`; the answer is empty then.
unique_fd bind(const endpoint& at, const bind_options& options, error_code& ec);

/// Take connections into the socket's queue; again with another backlog, if it listens already.
error_code listen(int fd, int backlog);

/// From now on the socket answers no SYN: who connects is not in its queue and tries again a second later. So what is in
/// the queue can be taken to the last one, and closing resets nobody. (A unix socket has no such means: false.)
bool take_no_more(int fd);

/// Whether this kernel makes IPv6 sockets.
bool has_ipv6();

/// Which file lies at a path; all zero if none.
struct file_id {
  std::uint64_t device = 0, inode = 0;
  bool operator==(const file_id&) const = default;
};
file_id identify(const std::string& path);

/// Remove the file if it is still the one with this id: another program may have put its own there.
void remove_file(const std::string& path, file_id id);

/// net.core.somaxconn: the kernel cuts a larger backlog to it. 0 if it cannot be read.
int somaxconn();

} // namespace epollhost::net

#endif
