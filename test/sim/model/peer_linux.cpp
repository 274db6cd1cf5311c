// Distributed under the Boost Software License, Version 1.0.
// The other end of a connection, on the real kernel.
#include "model/peer.hpp"

#include "net/socket.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>

#include <stdexcept>
#include <utility>

namespace epollhost::test {

std::unique_ptr<peer> connect_peer(const net::endpoint& to) {
  net::unique_fd fd(::socket(to.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd || ::connect(fd.get(), to.data(), to.size) != 0) throw std::runtime_error("cannot connect to the model");
  ::fcntl(fd.get(), F_SETFL, O_NONBLOCK);
  if (!to.is_unix()) net::set_nodelay(fd.get(), true);
  return make_peer(std::move(fd));
}

void wait_for_acknowledgement(int fd) {
  tcp_info info{};
  socklen_t size = sizeof info;
  while (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
         (info.tcpi_state == TCP_FIN_WAIT1 || info.tcpi_state == TCP_CLOSING || info.tcpi_state == TCP_LAST_ACK))
    ::sched_yield();
}

} // namespace epollhost::test
