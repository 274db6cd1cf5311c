// Distributed under the Boost Software License, Version 1.0.
// The simulated servers: whoever is where the plugin connects to.
#ifndef EPOLLHOST_SIM_BACKENDS_HPP
#define EPOLLHOST_SIM_BACKENDS_HPP

#include "sim/backend.hpp"
#include "sim/client.hpp"
#include "sim/scenery.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace epollhost::sim {

/// Every address that the plugin connects to, but for those it listens on, is a server. They live as long as the
/// kernel.
class backends {
public:
  backends(referee& r, const service& what, const scenery& around);

  /// Connections on which the program waits in vain, and cannot know.
  std::size_t lost() const;

  /// Connections whose server has not ended.
  std::size_t open() const;

  std::size_t connections() const { return echoes_.size() + players_.size(); }

  /// Those of the servers that send back what they receive.
  const std::vector<std::unique_ptr<backend>>& echoes() const { return echoes_; }

private:
  net::sim::kernel::remote who_is_at(const net::endpoint& to);
  void take(net::sim::stream& socket, const net::sim::kernel::link& over);

  referee& referee_;
  const service& what_;
  const scenery& around_;
  unsigned made_ = 0;
  std::vector<std::unique_ptr<backend>> echoes_;
  std::vector<std::unique_ptr<client>> players_; // of the script
};

} // namespace epollhost::sim

#endif
