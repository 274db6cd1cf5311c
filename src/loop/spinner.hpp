// Distributed under the Boost Software License, Version 1.0.
// Decides whether looking for a while before blocking is worth it.
#ifndef EPOLLHOST_LOOP_SPINNER_HPP
#define EPOLLHOST_LOOP_SPINNER_HPP

#include <algorithm>
#include <cstdint>

namespace epollhost::loop {

/// Blocking costs a sleep and a wake-up; looking costs time of the processor. Looking pays where events come sooner
/// than `limit_ns`. So it is done while that has been so lately: a hit earns credit, a miss costs it, and with none
/// left the loop blocks. It tries again when events have ended short blocks. A try that fails doubles how many it
/// takes, so that events which always come just too late cost next to nothing; a hit makes it one again.
class spinner {
public:
  static constexpr int credit_max = 8;
  static constexpr int patience_max = 64;

  explicit spinner(std::int64_t limit_ns) : limit_ns_(limit_ns) {}

  bool on() const { return limit_ns_ > 0; }
  bool worth_it() const { return credit_ > 0; }
  std::int64_t limit_ns() const { return limit_ns_; }

  void hit() {
    credit_ = std::min(credit_ + 1, credit_max);
    patience_ = 1;
  }

  void miss() {
    if (--credit_ > 0) return;
    patience_ = std::min(patience_ * 2, patience_max);
    short_blocks_ = 0;
  }

  /// An event has ended a block. One that spinning would have spared lasts longer than the spin: the wake-up itself
  /// takes tens of microseconds.
  void blocked_for(std::int64_t ns) {
    if (worth_it() || ns >= limit_ns_ * wake_up_factor) return;
    if (++short_blocks_ >= patience_) credit_ = 1;
  }

private:
  static constexpr std::int64_t wake_up_factor = 4;

  std::int64_t limit_ns_;
  int credit_ = credit_max;
  int patience_ = 1;     // short blocks that are to come before the next try
  int short_blocks_ = 0; // since the credit ran out
};

} // namespace epollhost::loop

#endif
