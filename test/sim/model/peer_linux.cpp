// Distributed under the Boost Software License, Version 1.0.
// The other end of a connection, on the real kernel.
#include "model/peer.hpp"

#include "net/socket.hpp"
#include "net/unique_fd.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>

#include <stdexcept>
#include <vector>

namespace epollhost::test {
namespace {

class real_peer final : public peer {
public:
  explicit real_peer(const net::endpoint& to) : fd_(::socket(to.family(), SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (!fd_ || ::connect(fd_.get(), to.data(), to.size) != 0) throw std::runtime_error("cannot connect to the model");
    ::fcntl(fd_.get(), F_SETFL, O_NONBLOCK);
    if (!to.is_unix()) net::set_nodelay(fd_.get(), true);
  }
  long send(std::size_t bytes) override {
    const std::vector<char> zeros(bytes);
    return fd_ ? net::send(fd_.get(), zeros.data(), bytes) : 0;
  }
  long receive(std::size_t bytes) override {
    std::vector<char> room(bytes);
    return fd_ ? net::receive(fd_.get(), room.data(), bytes) : 0;
  }
  void finish() override {
    if (fd_) net::shutdown_send(fd_.get());
  }
  void close() override { fd_.reset(); }
  void reset() override {
    if (fd_) net::abort(fd_.release());
  }

private:
  net::unique_fd fd_;
};

} // namespace

void wait_for_acknowledgement(int fd) {
  tcp_info info{};
  socklen_t size = sizeof info;
  while (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
         (info.tcpi_state == TCP_FIN_WAIT1 || info.tcpi_state == TCP_CLOSING || info.tcpi_state == TCP_LAST_ACK))
    ::sched_yield();
}

std::unique_ptr<peer> connect_peer(const net::endpoint& to) { return std::make_unique<real_peer>(to); }

} // namespace epollhost::test
