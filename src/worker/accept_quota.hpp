// Distributed under the Boost Software License, Version 1.0.
// How many connections a listener asks for at a time.
#ifndef EPOLLHOST_WORKER_ACCEPT_QUOTA_HPP
#define EPOLLHOST_WORKER_ACCEPT_QUOTA_HPP

#include <algorithm>
#include <cstddef>

namespace epollhost {

/// An accept(2) that finds nobody costs more than an epoll_wait(2), since the kernel makes the socket first. So where
/// connections come one by one only one is asked for: if there are more the next wait says so at once. Where whole
/// quotas are taken it doubles, up to the batch; each time that was too bold it waits longer before it tries again.
class accept_quota {
public:
  static constexpr std::size_t patience_most = 16; ///< whole quotas before it grows again

  /// How many to ask for. In a turn with many other events one accept in vain is no matter, and waiting would be.
  std::size_t now(std::size_t batch, std::size_t turn_events) const {
    return turn_events > few ? batch : std::min(quota_, batch);
  }

  void took_all(std::size_t batch) {
    if (grew_) patience_ = 1;
    grew_ = false;
    if (++whole_ < patience_ || quota_ >= batch) return;
    whole_ = 0;
    quota_ *= 2;
    grew_ = true;
  }

  void found_nobody(std::size_t taken) {
    quota_ = std::max<std::size_t>(taken, 1);
    patience_ = std::min(patience_ * 2, patience_most);
    whole_ = 0;
    grew_ = false;
  }

private:
  static constexpr std::size_t few = 8; // events

  std::size_t quota_ = 1, patience_ = 1, whole_ = 0;
  bool grew_ = false;
};

} // namespace epollhost

#endif
