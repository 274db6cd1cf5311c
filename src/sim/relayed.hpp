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
/// `complete`. Which belong together is not known: any that fit will do. A client receives what it has sent itself,
/// back from a server: the beginning of it, or with a clean end in a gentle seed all of it.
void check_relayed(referee& r, const std::vector<std::unique_ptr<client>>& clients,
                   const std::vector<std::unique_ptr<backend>>& servers, bool complete, bool gentle);

} // namespace epollhost::sim

#endif
