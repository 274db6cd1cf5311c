// Distributed under the Boost Software License, Version 1.0.
// A small echo server, which can be wrong in one point.
#ifndef EPOLLHOST_TEST_SIM_PLANTED_MINI_SERVER_HPP
#define EPOLLHOST_TEST_SIM_PLANTED_MINI_SERVER_HPP

#include "planted/mini_loop.hpp"

#include <map>
#include <string>

namespace epollhost::test {

class mini_server final : public mini_loop {
public:
  using mini_loop::mini_loop;

  std::size_t open_connections() const override { return connections_.size(); }

private:
  struct connection {
    net::unique_fd fd;
    std::string out;
    bool at_end = false, waits_for_room = false;
  };

  std::uint32_t mask(bool out) const;
  void start(net::unique_fd accepted) override;
  void event(number n, std::uint32_t bits) override;
  void end_connections() override;
  bool read(connection& c);
  bool flush(number n, connection& c);
  void end(number n, bool reset);

  number next_ = first_number;
  std::map<number, connection> connections_;
};

} // namespace epollhost::test

#endif
