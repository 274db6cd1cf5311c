// Distributed under the Boost Software License, Version 1.0.
// Tells a process from the copies that fork(2) makes of it.
#ifndef EPOLLHOST_NET_FORK_MARK_HPP
#define EPOLLHOST_NET_FORK_MARK_HPP

#include <cstddef>

namespace epollhost::net {

/// A byte that the kernel sets to zero in each copy, however it was made; so looking costs one load and no call. Where
/// the kernel cannot (before Linux 4.14), no copy is ever told. Source: madvise(2), MADV_WIPEONFORK.
class fork_mark {
public:
  fork_mark();
  ~fork_mark();
  fork_mark(const fork_mark&) = delete;
  fork_mark& operator=(const fork_mark&) = delete;

  /// Whether this process is a copy of the one that made the mark. [hot]
  bool is_copy() const { return *mark_ == 0; }

private:
  const volatile char* mark_;
  [[maybe_unused]] std::size_t mapped_ = 0; // not in net/sim
};

} // namespace epollhost::net

#endif
