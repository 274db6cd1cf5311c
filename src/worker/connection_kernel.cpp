// Distributed under the Boost Software License, Version 1.0.
// One connection: what it asks the kernel, where a recording may listen.
#include "worker/connection.hpp"
#include "worker/recorder.hpp"

namespace epollhost {

net::result connection::receive(char* at, std::size_t len) {
  const net::result n = net::receive(fd_, at, len);
  if (has(recorded)) [[unlikely]]
    shared().recorder->received(id(), n, at);
  return n;
}

net::result connection::send(char* at, std::size_t len) {
  const net::result n = net::send(fd_, at, len);
  if (has(recorded)) [[unlikely]] {
    const iovec all{at, len};
    shared().recorder->sent(id(), {&all, 1}, n);
  }
  return n;
}

net::result connection::send(std::span<const iovec> parts, bool more) {
  const net::result n = net::send(fd_, parts, more);
  if (has(recorded)) [[unlikely]]
    shared().recorder->sent(id(), parts, n);
  return n;
}

net::result connection::send_file(const output_queue::file_part& file, std::size_t len) {
  const net::result n = net::send_file(fd_, file.fd, file.offset, len);
  if (has(recorded)) [[unlikely]]
    shared().recorder->sent_file(id(), len, n);
  return n;
}

bool connection::error_queue_held() {
  const bool held = net::drain_error_queue(fd_);
  if (has(recorded)) [[unlikely]]
    shared().recorder->error_queue(id(), held);
  return held;
}

bool connection::take_error() {
  const net::error_code error = net::take_error(fd_);
  if (has(recorded)) [[unlikely]]
    shared().recorder->socket_error(id(), error.value());
  return bool(error);
}

} // namespace epollhost
