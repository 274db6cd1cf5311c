// Distributed under the Boost Software License, Version 1.0.
// Moves bytes from one socket to another without a copy of ours.
#ifndef EPOLLHOST_NET_SPLICE_HPP
#define EPOLLHOST_NET_SPLICE_HPP

#include "net/socket.hpp"
#include "net/unique_fd.hpp"

#include <cstddef>

namespace epollhost::net {

/// A pipe between two sockets, made at the first need. Answers are those of net/socket.hpp; where the kernel cannot
/// splice, or has no descriptor left, fill() says so and nothing is lost. Source: splice(2).
class splice_pipe {
public:
  static constexpr std::size_t bytes_max = 1024 * 1024;

  /// From the socket into the pipe; fewer than `len` does not mean that the socket holds no more.
  result fill(int from, std::size_t len);

  /// From the pipe to the socket.
  result drain(int to, std::size_t len);

  /// From the pipe into memory.
  result take(void* bytes, std::size_t len);

  /// Forget what is inside.
  void reset() { in_.reset(), out_.reset(); }

private:
  unique_fd in_, out_;
};

} // namespace epollhost::net

#endif
