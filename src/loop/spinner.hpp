// Distributed under the Boost Software License, Version 1.0.
// Decides whether looking for a while before blocking is worth it.
#ifndef EPOLLHOST_LOOP_SPINNER_HPP
#define EPOLLHOST_LOOP_SPINNER_HPP

#include <algorithm>
#include <cstdint>

namespace epollhost::loop {

/// Blocking costs a sleep and a wake-up; looking costs time of the processor. Looking pays where events come sooner
/// than `limit_ns`. So it is done while that has been so lately: a hit earns credit, a miss costs it, and with none
/// left the loop blocks, and earns credit again when an event ends a block that was shorter than the limit.
class spinner {
public:
  explicit spinner(std::int64_t limit_ns) : limit_ns_(limit_ns) {}

  bool on() const { return limit_ns_ > 0; }
  bool worth_it() const { return credit_ > 0; }
  std::int64_t limit_ns() const { return limit_ns_; }

  void hit() { credit_ = std::min(credit_ + 1, credit_max); }
  void miss() { --credit_; }
  void blocked_for(std::int64_t ns) {
    if (ns < limit_ns_ * wake_up_factor) hit();
  }

private:
  static constexpr int credit_max = 8;
  // A block that spinning would have spared lasts longer than the spin: the wake-up itself takes tens of microseconds.
  static constexpr std::int64_t wake_up_factor = 4;

  std::int64_t limit_ns_;
  int credit_ = credit_max;
};

} // namespace epollhost::loop

#endif
