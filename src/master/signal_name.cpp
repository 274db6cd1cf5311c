// Distributed under the Boost Software License, Version 1.0.
// The name of a signal.
#include "master/signal_name.hpp"

#include <fmt/format.h>
#include <signal.h>

#include <cstring>

namespace epollhost::master {

std::string signal_name(int signal) {
  if (signal == SIGRTMIN) return "SIGRTMIN";
  if (signal > SIGRTMIN && signal <= SIGRTMAX) return fmt::format("SIGRTMIN+{}", signal - SIGRTMIN);
  const char* const name = signal > 0 ? ::sigabbrev_np(signal) : nullptr;
  return name ? std::string("SIG") + name : fmt::format("signal {}", signal);
}

} // namespace epollhost::master
