// Distributed under the Boost Software License, Version 1.0.
// What is done with a connected socket.
#include "net/socket.hpp"

#include "net/unique_fd.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

namespace epollhost::net {
namespace {

template <class Call> result retry(Call call) {
  for (;;) {
    const auto n = call();
    if (n >= 0) return n;
    if (errno != EINTR) return -errno;
  }
}

error_code set_option(int fd, int layer, int name, int value) {
  return ::setsockopt(fd, layer, name, &value, sizeof value) == 0 ? error_code() : last_error();
}

} // namespace

void close(int fd) { ::close(fd); }

result accept(int listener) {
  return retry([&] { return ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC); });
}

raw_result receive_raw(int fd, void* bytes, std::size_t len) { return ::recv(fd, bytes, len, 0); }

raw_result send_raw(int fd, const void* bytes, std::size_t len) { return ::send(fd, bytes, len, MSG_NOSIGNAL); }

result send(int fd, std::span<const iovec> parts, bool more) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(parts.data()); // the kernel reads them only
  message.msg_iovlen = parts.size();
  return retry([&] { return ::sendmsg(fd, &message, MSG_NOSIGNAL | (more ? MSG_MORE : 0)); });
}

result send_file(int fd, int file, std::uint64_t offset, std::size_t len) {
  return retry([&] {
    auto at = static_cast<off_t>(offset);
    return ::sendfile(fd, file, &at, len);
  });
}

result send_now(int fd, const void* bytes, std::size_t len) {
  return retry([&] { return ::send(fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT); });
}

void shutdown_send(int fd) { ::shutdown(fd, SHUT_WR); }

void abort(int fd) {
  const linger off{1, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &off, sizeof off); // fails on no socket that we own; then it is a plain close
  close(fd);
}

bool drain_error_queue(int fd) {
  bool any = false;
  for (;;) {
    char data[256];
    char control[512];
    iovec part{data, sizeof data};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    if (::recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0 && errno != EINTR) return any;
    any = true;
  }
}

error_code take_error(int fd) {
  int value = 0;
  socklen_t size = sizeof value;
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &value, &size) != 0) return last_error();
  return {value, boost::system::system_category()};
}

error_code set_nodelay(int fd, bool on) { return set_option(fd, IPPROTO_TCP, TCP_NODELAY, on); }
error_code set_cork(int fd, bool on) { return set_option(fd, IPPROTO_TCP, TCP_CORK, on); }
error_code set_receive_buffer(int fd, int bytes) { return set_option(fd, SOL_SOCKET, SO_RCVBUF, bytes); }
error_code set_send_buffer(int fd, int bytes) { return set_option(fd, SOL_SOCKET, SO_SNDBUF, bytes); }

endpoint local_endpoint(int fd) {
  endpoint e;
  e.size = sizeof e.storage;
  if (::getsockname(fd, e.data(), &e.size) != 0) e.size = 0;
  return e;
}

endpoint peer_endpoint(int fd) {
  endpoint e;
  e.size = sizeof e.storage;
  if (::getpeername(fd, e.data(), &e.size) != 0) e.size = 0;
  return e;
}

} // namespace epollhost::net
