// Distributed under the Boost Software License, Version 1.0.
// A recording as it is read.
#ifndef EPOLLHOST_SIM_RECORDING_HPP
#define EPOLLHOST_SIM_RECORDING_HPP

#include "net/endpoint.hpp"
#include "net/resolver.hpp"
#include "worker/record_format.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace epollhost::sim {

/// A file that is no recording, or a damaged one. what() says at which byte.
struct bad_recording : std::runtime_error {
  using runtime_error::runtime_error;
};

struct recording {
  struct frame {
    record::kind what{};
    std::uint64_t conn = 0;   ///< 1, 2, ... in the order of accepting and attempting; 0: of none
    std::uint64_t number = 0; ///< events, bytes offered, reason, errno; of `resolved` the look-up, 1, 2, ...
    std::int64_t answer = 0;  ///< of the kernel; of `turn` when it began
    std::string_view bytes;
    std::size_t at = 0; ///< byte of the file
  };
  struct peer {
    std::uint64_t address; ///< place in `listening`; of an attempt 0
    net::endpoint peer, local;
  };

  std::int64_t clock_ns = 0, wall_ns = 0; ///< when it began
  std::vector<std::pair<std::string_view, std::string_view>> facts;
  std::vector<net::endpoint> listening;
  std::vector<peer> peers;                                 ///< of connection 1, 2, ...
  std::map<std::uint64_t, net::resolver::answer> resolved; ///< by look-up
  std::vector<frame> frames;                               ///< without the header and what follows from it
  std::optional<record::ending> how;
  std::size_t cut_at = 0; ///< without `how`: where the part begins that is not whole

  std::optional<std::string_view> fact(std::string_view name) const;
};

/// Read a whole file. What comes back points into `bytes`. One that ends within a frame, as that of a process that was
/// killed may, is read as far as it goes. Throws bad_recording.
recording read_recording(std::string_view bytes);

} // namespace epollhost::sim

#endif
