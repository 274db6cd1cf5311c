// Distributed under the Boost Software License, Version 1.0.
// The other end of a connection, on whichever kernel the program is linked with.
#ifndef EPOLLHOST_TEST_SIM_MODEL_PEER_HPP
#define EPOLLHOST_TEST_SIM_MODEL_PEER_HPP

#include "net/endpoint.hpp"
#include "net/unique_fd.hpp"

#include <cstddef>
#include <memory>

namespace epollhost::test {

/// A connected socket that is not the program's under test. Counts and errors are answered as those of net/socket.hpp.
class peer {
public:
  virtual ~peer() = default;
  virtual long send(std::size_t bytes) = 0;
  virtual long receive(std::size_t bytes) = 0;
  virtual void finish() = 0; ///< FIN
  virtual void close() = 0;
  virtual void reset() = 0;
};

/// One that has connected to the program.
std::unique_ptr<peer> connect_peer(const net::endpoint& to);

/// One that was accepted where the program has connected to.
std::unique_ptr<peer> make_peer(net::unique_fd fd);

/// Wait until the FIN that was sent has been acknowledged.
void wait_for_acknowledgement(int fd);

} // namespace epollhost::test

#endif
