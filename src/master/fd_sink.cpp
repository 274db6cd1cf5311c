// Distributed under the Boost Software License, Version 1.0.
// A sink of spdlog over a descriptor: whole lines, never blocking.
#include "master/fd_sink.hpp"

#include "master/descriptors.hpp"
#include "net/error.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace epollhost::master {

fd_sink::fd_sink(net::unique_fd fd) { exchange(std::move(fd)); }

void fd_sink::exchange(net::unique_fd fd) {
  fd_ = std::move(fd);
  socket_ = is_socket(fd_.get());
  rest_.clear();
}

void fd_sink::sink_it_(const spdlog::details::log_msg& message) {
  write_rest();
  const std::string_view line(message.payload.data(), message.payload.size());
  rest_ = line.substr(write(line)); // a half written line counts as written: its rest waits
}

void fd_sink::write_rest() {
  if (rest_.empty()) return;
  rest_.erase(0, write(rest_));
  if (!rest_.empty()) spdlog::throw_spdlog_ex("the reader is slow");
}

// How many bytes were taken: all, or the first ones; throws if none.
std::size_t fd_sink::write(std::string_view bytes) {
  // Where open_standard_error() could not get a non-blocking descriptor, this keeps a line from blocking on a full
  // pipe.
  if (!fd_) spdlog::throw_spdlog_ex("it is closed");
  pollfd p{fd_.get(), POLLOUT, 0};
  if (::poll(&p, 1, 0) == 1 && p.revents) {
    const ssize_t n = socket_ ? ::send(fd_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL)
                              : ::write(fd_.get(), bytes.data(), bytes.size());
    if (n > 0) return static_cast<std::size_t>(n);
    if (n < 0 && errno != EAGAIN && errno != EINTR) spdlog::throw_spdlog_ex(net::last_error().message());
  }
  spdlog::throw_spdlog_ex("the reader is slow");
}

} // namespace epollhost::master
