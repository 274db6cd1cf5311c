// Distributed under the Boost Software License, Version 1.0.
// What follows from a seed: the net, the faults, the clients.
#ifndef EPOLLHOST_SIM_SCENERY_HPP
#define EPOLLHOST_SIM_SCENERY_HPP

#include "sim/client.hpp"
#include "sim/plan.hpp"
#include "sim/subject.hpp"

#include <optional>
#include <vector>

namespace epollhost::sim {

struct scenery {
  net::sim::kernel::options kernel;
  surroundings around;
  std::int64_t signal_ns = 0; ///< SIGTERM in the midst of it; 0: when the clients have ended

  struct part {
    unsigned number; ///< of the client
    std::size_t talk;
    manner how;
  };
  std::vector<part> clients;
};

/// The scenery of the plan's seed, less what the plan leaves out. Clients say one of `talks` things each.
scenery imagine(const plan& p, std::optional<loop::trigger> trigger, std::size_t talks);

/// One client after the other, no faults, no time on the way.
scenery undisturbed(std::optional<loop::trigger> trigger, std::size_t talks);

} // namespace epollhost::sim

#endif
