// Distributed under the Boost Software License, Version 1.0.
// A client's socket: connects, sends and receives without blocking.
#include "socket.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <cerrno>

namespace load {

int socket::connect(const options& to) {
  close();
  fd_ = ::socket(to.to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return errno;
  const int one = 1, small = 16384;
  if (to.to.ss_family != AF_UNIX) ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  // A slow reader's window is small, or the kernel would read for it.
  if (to.read != 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  return ::connect(fd_, reinterpret_cast<const sockaddr*>(&to.to), to.to_size) == 0 ? 0 : errno;
}

int socket::take_error() const {
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

long socket::send(const char* bytes, std::size_t len) const {
  const ssize_t n = ::send(fd_, bytes, len, MSG_NOSIGNAL);
  return n < 0 ? -errno : n;
}

long socket::receive(char* to, std::size_t room) const {
  const ssize_t n = ::recv(fd_, to, room, 0);
  return n < 0 ? -errno : n;
}

void socket::finish() const { ::shutdown(fd_, SHUT_WR); }

void socket::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

} // namespace load
