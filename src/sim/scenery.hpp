// Distributed under the Boost Software License, Version 1.0.
// What follows from a seed: the net, the faults, the clients.
#ifndef EPOLLHOST_SIM_SCENERY_HPP
#define EPOLLHOST_SIM_SCENERY_HPP

#include "sim/backend.hpp"
#include "sim/client.hpp"
#include "sim/plan.hpp"
#include "sim/subject.hpp"

#include <optional>
#include <vector>

namespace epollhost::sim {

/// What the servers do that the plugin connects to.
struct service {
  enum class role {
    echo,    ///< send back what comes
    collect, ///< the same, when all has come
    none,    ///< nobody is there
    script   ///< say what the script says
  };
  role what = role::echo;
  conversation script;
};

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
  plan how; ///< that it follows from
};

/// The scenery of the plan's seed, less what the plan leaves out. Clients say one of `talks` things each.
scenery imagine(const plan& p, std::optional<loop::trigger> trigger, std::size_t talks);

/// How the server of the program's connection `number` behaves, and the way to it.
backend_manner make_backend_manner(const scenery& s, unsigned number);
net::sim::kernel::link way_to_backend(const scenery& s, unsigned number);

/// What the server at an address answers to who connects at that time: an errno, or 0 if it is up.
int down(const scenery& s, const net::endpoint& at, std::int64_t now_ns);

/// One client after the other, no faults, no time on the way.
scenery undisturbed(std::optional<loop::trigger> trigger, std::size_t talks);

} // namespace epollhost::sim

#endif
