// Distributed under the Boost Software License, Version 1.0.
// A small relay that splices, which can be wrong in one point.
#ifndef EPOLLHOST_TEST_SIM_PLANTED_MINI_RELAY_HPP
#define EPOLLHOST_TEST_SIM_PLANTED_MINI_RELAY_HPP

#include "planted/mini_loop.hpp"

#include "net/splice.hpp"

#include <cstddef>
#include <map>
#include <string>

namespace epollhost::test {

/// Connects to a server for each client, and passes on what either of them says.
class mini_relay final : public mini_loop {
public:
  using mini_loop::mini_loop;

  std::size_t open_connections() const override;

private:
  struct direction {
    net::splice_pipe pipe;
    std::size_t piped = 0; // bytes in it
    std::string copied;    // in place of it, where it cannot be had
    bool ended = false;    // and the other side knows
  };
  struct pair {
    net::unique_fd client, server;
    bool connected = false; // then the client is watched too
    direction up, down;
  };

  void start(net::unique_fd accepted) override;
  void event(number n, std::uint32_t bits) override;
  void end_connections() override;
  bool is_made(number n, pair& p);
  bool pump(direction& d, int from, int to);
  net::result fill(direction& d, int from);
  net::result drain(direction& d, int to);
  void end(number n, bool reset);
  void end_side(net::unique_fd& fd, bool watched, bool reset);

  number next_ = first_number; // of a client; one more is its server
  std::map<number, pair> pairs_;
};

} // namespace epollhost::test

#endif
