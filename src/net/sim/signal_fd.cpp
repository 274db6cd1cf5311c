// Distributed under the Boost Software License, Version 1.0.
// Signals of the simulated kernel: those that raise() was called with, whatever set was asked for.
#include "net/signal_fd.hpp"

#include "net/error.hpp"
#include "net/sim/kernel.hpp"

namespace epollhost::net {

signal_fd::signal_fd(std::span<const int>) : fd_(sim::kernel::current().install(sim::kernel::current().signals())) {
  if (!fd_) throw system_error(EMFILE, boost::system::system_category(), "signalfd");
}

int signal_fd::read() { return sim::kernel::current().take_signal(); }

} // namespace epollhost::net
