// Distributed under the Boost Software License, Version 1.0.
// What the simulated kernel does to a program, within what a real one may do.
#include "net/sim/fault.hpp"

#include <iterator>

namespace epollhost::net::sim {

const char* to_string(fault f) {
  static constexpr const char* names[] = {"short-read",     "late-input",      "short-write",
                                          "full-buffer",    "spurious-event",  "repeated-edge",
                                          "held-event",     "shuffled-events", "interrupted-wait",
                                          "late-wait",      "error-queue",     "no-descriptor",
                                          "table-full",     "no-buffers",      "no-memory",
                                          "accept-aborted", "wall-jump",       "slow-connect",
                                          "queue-full",     "slow-name",       "short-splice",
                                          "no-splice",      "short-file",      "watch-no-memory",
                                          "watch-no-space", "send-no-buffers", "peer-reset",
                                          "clock-jump",     "connect-refused", "connect-unreachable",
                                          "connect-silent", "connect-no-port", "connect-no-descriptor",
                                          "connect-reset",  "name-fails",      "file-error",
                                          "file-shrunk"};
  static_assert(std::size(names) == fault_count);
  return names[static_cast<std::size_t>(f)];
}

} // namespace epollhost::net::sim
