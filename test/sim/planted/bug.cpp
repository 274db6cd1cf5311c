// Distributed under the Boost Software License, Version 1.0.
// What can be wrong with a loop.
#include "planted/bug.hpp"

#include <cstddef>
#include <iterator>

namespace epollhost::test {

const char* to_string(bug b) {
  static constexpr const char* names[] = {"none",
                                          "accept-once",
                                          "accept-gives-up",
                                          "accept-spins",
                                          "lost-edge",
                                          "forgotten-rdhup",
                                          "lost-rest",
                                          "forgotten-out",
                                          "double-close",
                                          "close-in-set",
                                          "use-after-close",
                                          "error-is-fatal",
                                          "hang-up-spins",
                                          "close-with-unread",
                                          "relay-none",
                                          "relay-unwatched",
                                          "relay-failed-twice",
                                          "relay-closed-twice",
                                          "relay-lost-end",
                                          "relay-short-splice",
                                          "relay-lost-pipe",
                                          "relay-no-splice"};
  static_assert(std::size(names) == static_cast<std::size_t>(bug::count));
  return names[static_cast<std::size_t>(b)];
}

} // namespace epollhost::test
