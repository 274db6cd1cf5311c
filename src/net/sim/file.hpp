// Distributed under the Boost Software License, Version 1.0.
// What a simulated descriptor refers to.
#ifndef EPOLLHOST_NET_SIM_FILE_HPP
#define EPOLLHOST_NET_SIM_FILE_HPP

#include <cstdint>
#include <functional>
#include <vector>

namespace epollhost::net::sim {

struct poll_item;

/// Base of sockets, event descriptors, epoll sets. The kernel owns it.
class file {
public:
  virtual ~file() = default;
  file(const file&) = delete;
  file& operator=(const file&) = delete;

  /// What is ready, in epoll's bits. As in a real kernel, looking may have an effect: a socket found full tells of
  /// room.
  virtual std::uint32_t poll() = 0;

  /// Whether an event may tell of input that is not there: of a socket that is being connected none ever does.
  virtual bool may_mislead() const { return true; }

  /// The last descriptor was closed. `reset`: a socket ends with a reset.
  virtual void released(bool reset) = 0;

  /// Something has changed: it is put into the ready lists of the epoll sets that wait for one of `bits`; 0: in all.
  void wake(std::uint32_t bits);

  /// The epoll sets that it is in.
  std::vector<poll_item*> items;

  /// Told of every wake: a simulated peer, which has no epoll.
  std::function<void()> watcher;

protected:
  file() = default;
};

} // namespace epollhost::net::sim

#endif
