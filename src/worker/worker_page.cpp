// Distributed under the Boost Software License, Version 1.0.
// What a worker shows of itself while it runs: written by it alone, read by anyone.
#include "worker/worker_page.hpp"

#include <cstddef>
#include <iterator>

namespace epollhost {

const char* to_string(hook h) {
  static constexpr const char* names[] = {"",      "open",  "data",  "room", "timer", "wake",
                                          "drain", "close", "start", "run",  "tick",  "stop"};
  const auto at = static_cast<std::size_t>(h);
  return at < std::size(names) ? names[at] : "?";
}

} // namespace epollhost
