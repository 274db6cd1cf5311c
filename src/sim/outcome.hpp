// Distributed under the Boost Software License, Version 1.0.
// What a run has shown.
#ifndef EPOLLHOST_SIM_OUTCOME_HPP
#define EPOLLHOST_SIM_OUTCOME_HPP

#include "net/sim/fault.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace epollhost::sim {

/// Figures of a run; plain bytes, so that they can pass a pipe.
struct figures {
  std::uint64_t hash = 0; ///< of the trace
  net::sim::fault_counts faults{};
  std::uint64_t injected = 0; ///< faults in all
  std::uint64_t connections = 0;
  std::uint64_t bytes_sent = 0, bytes_received = 0; ///< by the clients
  std::uint64_t backends = 0, backend_bytes = 0;    ///< connections that servers took, and what they received
  std::uint64_t hooks = 0;
  std::int64_t virtual_ns = 0;
};

struct outcome {
  std::string rule; ///< which one was broken: "spin", "crash"; empty: none
  std::string what; ///< found and expected
  figures seen;
  std::vector<std::string> answers; ///< what each client received, if that was asked for

  bool good() const { return rule.empty(); }
};

} // namespace epollhost::sim

#endif
