// Distributed under the Boost Software License, Version 1.0.
// Whether a relay has passed on what it received.
#ifndef EPOLLHOST_SIM_RELAYED_HPP
#define EPOLLHOST_SIM_RELAYED_HPP

#include "sim/backend.hpp"
#include "sim/client.hpp"

#include <memory>
#include <vector>

namespace epollhost::sim {

/// What a server has received is the beginning of what a client has sent; all of it, if it saw a clean end and
/// `complete`. And the other way round. Which belong together is not known: any that fit will do.
void check_relayed(referee& r, const std::vector<std::unique_ptr<client>>& clients,
                   const std::vector<std::unique_ptr<backend>>& servers, bool complete);

} // namespace epollhost::sim

#endif
