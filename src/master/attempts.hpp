// Distributed under the Boost Software License, Version 1.0.
// How often something was tried while the program ran, and what became of it the last time.
#ifndef EPOLLHOST_MASTER_ATTEMPTS_HPP
#define EPOLLHOST_MASTER_ATTEMPTS_HPP

#include <cstdint>
#include <ctime>
#include <string>
#include <utility>

namespace epollhost::master {

/// Of reloads, or of upgrades. They outlive an upgrade.
struct attempts {
  std::uint64_t good = 0, failed = 0;
  std::int64_t last_s = 0; ///< when the last one ended, in seconds since 1970
  bool last_was_good = false;
  std::string reason; ///< why the last one failed; empty if it did not

  bool any() const { return good + failed > 0; }

  /// One has ended, just now. An empty `why`: well.
  void note(std::string why) {
    last_was_good = why.empty();
    ++(last_was_good ? good : failed);
    last_s = std::time(nullptr);
    reason = std::move(why);
  }
};

} // namespace epollhost::master

#endif
