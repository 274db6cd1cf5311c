// Distributed under the Boost Software License, Version 1.0.
// Makes outgoing connections.
#include "net/connect.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

namespace epollhost::net {
namespace {

void set(int fd, int layer, int name) {
  const int on = 1;
  ::setsockopt(fd, layer, name, &on, sizeof on); // cannot fail for these; then the default serves as well
}

bool is_connected_to_itself(int fd) {
  const endpoint own = local_endpoint(fd), peer = peer_endpoint(fd);
  return !own.is_unix() && own.size == peer.size && std::memcmp(own.data(), peer.data(), own.size) == 0;
}

} // namespace

result connect(const endpoint& to, bool nodelay, unique_fd& fd) {
  fd.reset(::socket(to.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return -errno;
  if (!to.is_unix()) {
    set(fd.get(), SOL_SOCKET, SO_OOBINLINE); // urgent data would cut a read short with bytes left behind it
    if (nodelay) set_nodelay(fd.get(), true);
  }
  if (::connect(fd.get(), to.data(), to.size) == 0) return is_connected_to_itself(fd.get()) ? -ECONNREFUSED : 0;
  // A signal does not end a non-blocking attempt: it goes on like one in progress.
  return errno == EINTR ? -EINPROGRESS : -errno;
}

result finish_connect(int fd) {
  if (const error_code ec = take_error(fd)) return -ec.value();
  return is_connected_to_itself(fd) ? -ECONNREFUSED : 0;
}

} // namespace epollhost::net
