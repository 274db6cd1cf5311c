// Distributed under the Boost Software License, Version 1.0.
// Makes listening sockets.
#ifndef EPOLLHOST_NET_LISTEN_HPP
#define EPOLLHOST_NET_LISTEN_HPP

#include "net/endpoint.hpp"
#include "net/error.hpp"
#include "net/unique_fd.hpp"

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace epollhost::net {

/// How a TCP port is shared by several of our sockets (SO_REUSEPORT). Since all are bound with SO_REUSEADDR, bind(2) does
/// not notice another program that is bound too and does not listen yet; listen(2) does, unless both have SO_REUSEPORT.
/// So the first socket has to listen before share_port() opens the port, and the further ones listen after that.
enum class port_share { none, first, further };

/// Access to the file of a unix socket.
struct unix_access {
  unsigned mode = 0660;
  std::optional<uid_t> user{};  ///< its owner; none: this process's
  std::optional<gid_t> group{}; ///< its group; none: this process's
  bool operator==(const unix_access&) const = default;
};

struct bind_options {
  port_share share = port_share::none;
  bool dual_stack = false; ///< an IPv6 wildcard also takes IPv4
  bool nodelay = false;    ///< TCP_NODELAY, which accepted sockets inherit
  unix_access file{};      ///< of a unix socket
};

/// A bound socket, non-blocking and closed on exec, with SO_REUSEADDR and SO_OOBINLINE, that does not listen yet.
/// A unix socket's file that no socket is bound to any more is replaced; a live one, or a file of another type, gives
/// EADDRINUSE. Of several programs that do so at the same moment one gets the path. Errors: the kernel's, in `ec`; the
/// answer is empty then.
unique_fd bind(const endpoint& at, const bind_options& options, error_code& ec);

/// Take connections into the socket's queue; again with another backlog, if it listens already.
error_code listen(int fd, int backlog);

/// Let further sockets of this user listen on the port of one that listens.
error_code share_port(int fd);

/// From now on nobody new gets into the socket's queue, so that it can be emptied and closed without a reset. Over TCP a
/// SYN is not answered: the client tries again a second later; handshakes that have begun go on (see has_handshakes).
/// Over a unix socket the client is refused. Not for a socket that another program shares.
bool take_no_more(int fd);

/// Undo it. Not possible over a unix socket: false.
bool take_again(int fd);

/// Where take_no_more() had to filter by hops, a connection accepted since then hears nobody who is not next to it, until
/// this. Nothing happens to others.
void hear_all_hops(int fd);

/// Whether a client has been answered that is not in the socket's queue yet. Empty if the kernel does not say.
std::optional<bool> has_handshakes(int fd);

/// Whether both cannot be listened on by two programs: one of the two is the same as the other or contains it. `a_dual`,
/// `b_dual`: an IPv6 wildcard that also takes IPv4.
bool overlap(const endpoint& a, bool a_dual, const endpoint& b, bool b_dual);

/// The same text for the same place: a unix socket's path with the links in its folder resolved.
std::string place_of(const endpoint& at);

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

/// Give the file of a unix socket its owner, group and mode.
error_code set_access(const std::string& path, const unix_access& to);

/// net.core.somaxconn: the kernel cuts a larger backlog to it. 0 if it cannot be read.
int somaxconn();

} // namespace epollhost::net

#endif
