// Distributed under the Boost Software License, Version 1.0.
// What one run is: a seed, and what of all that follows from it is left out.
#ifndef EPOLLHOST_SIM_PLAN_HPP
#define EPOLLHOST_SIM_PLAN_HPP

#include <cstdint>
#include <string_view>

namespace epollhost::sim {

inline constexpr unsigned clients_max = 16;

/// A failure is made smaller by leaving things out, with the rest as it was: each part has random numbers of its own.
struct plan {
  std::uint64_t seed = 1;
  std::uint32_t clients = ~0u;       ///< bit i: client i takes part
  std::uint64_t faults = ~0ull;      ///< bit i: faults of kind i may strike
  std::uint64_t faults_most = ~0ull; ///< in all; later ones do not
  std::uint64_t cuts_most = ~0ull;   ///< in the input of each client
  bool slow_net = true;              ///< false: what is sent is there at once
  std::string_view choices = {};     ///< of the kernel, before those that follow from the seed
  bool calm_backends = false;        ///< servers neither leave nor are down
  bool lines = false;                ///< keep the trace as text

  bool operator==(const plan&) const = default;
};

/// Half of the seeds are rough: peers leave, resets come, clocks jump. In the others nothing happens that a peer may
/// notice, so that the output can be compared.
inline bool is_rough(std::uint64_t seed) { return seed % 2 == 0; }

} // namespace epollhost::sim

#endif
