// Distributed under the Boost Software License, Version 1.0.
// The other side of a connection, for tests: never blocks, and forgets nothing that it received.
#ifndef EPOLLHOST_TEST_SUPPORT_CLIENT_HPP
#define EPOLLHOST_TEST_SUPPORT_CLIENT_HPP

#include "net/endpoint.hpp"
#include "net/unique_fd.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace epollhost::test {

/// A connected socket. Functions that cannot do what they say fail the test.
class client {
public:
  /// `receive_buffer` above 0 makes SO_RCVBUF small before the connection is made, so that little fits on the way.
  /// Below 64 KiB it is only for clients that do not read: the loopback's segments are larger, and the kernel then
  /// sends by its timer.
  explicit client(const net::endpoint& to, int receive_buffer = 0);

  void send(std::string_view bytes);             ///< all of it must fit
  std::size_t send_some(std::string_view bytes); ///< what fits; 0 also when the peer is gone
  void finish();                                 ///< our FIN
  void reset();                                  ///< RST (a unix socket just closes)
  void close() { fd_.reset(); }

  /// Take what is there into `received`.
  void receive(std::size_t at_most = ~std::size_t(0));
  std::string received;
  bool ended = false; ///< the host's FIN was seen
  int error = 0;      ///< errno of a failed receive: ECONNRESET

  bool over() const { return ended || error != 0; }
  int fd() const { return fd_.get(); }

private:
  net::unique_fd fd_;
};

/// Bytes whose every position can be told from the next: a lost, doubled or moved one is seen.
std::string pattern(std::size_t len);

} // namespace epollhost::test

#endif
