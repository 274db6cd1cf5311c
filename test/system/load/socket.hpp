// Distributed under the Boost Software License, Version 1.0.
// A client's socket: connects, sends and receives without blocking.
#ifndef EPOLLHOST_TEST_LOAD_SOCKET_HPP
#define EPOLLHOST_TEST_LOAD_SOCKET_HPP

#include "options.hpp"

#include <cstddef>

namespace load {

/// Owns its descriptor. What send and receive answer is a count, or a negative errno.
class socket {
public:
  ~socket() { close(); }
  socket() = default;
  socket(const socket&) = delete;
  socket& operator=(const socket&) = delete;

  /// 0, EINPROGRESS, EAGAIN (a unix socket's queue is full), or what went wrong.
  int connect(const options& to);
  int take_error() const; ///< of a connect that was in progress

  long send(const char* bytes, std::size_t len) const;
  long receive(char* to, std::size_t room) const;
  void finish() const; ///< our end of the stream
  void close();

  int fd() const { return fd_; }

private:
  int fd_ = -1;
};

} // namespace load

#endif
