// Distributed under the Boost Software License, Version 1.0.
// A simulated epoll set.
#ifndef EPOLLHOST_NET_SIM_POLL_SET_HPP
#define EPOLLHOST_NET_SIM_POLL_SET_HPP

#include "net/sim/file.hpp"

#include <sys/epoll.h>

#include <deque>
#include <map>
#include <span>

namespace epollhost::net::sim {

class fault_source;
class poll_set;

/// One descriptor in one set.
struct poll_item {
  poll_set& set;
  file& of;
  std::uint32_t mask;
  std::uint64_t data;
  bool ready = false; // it stands in the set's list
};

/// As in Linux: a wake puts an item into the ready list, and only harvesting looks at what is ready then. So several
/// wakes before it are one event with all bits, and an edge whose cause has gone is none. A level-triggered item goes
/// back to the end of the list.
class poll_set final : public file {
public:
  ~poll_set() override;

  /// 0 or an errno, as epoll_ctl.
  int add(int fd, file& of, std::uint32_t mask, std::uint64_t data);
  int modify(int fd, std::uint32_t mask, std::uint64_t data);
  int remove(int fd);

  /// What is ready now, and, where `make_up` allows it, what is not. Answers how many.
  int harvest(std::span<epoll_event> out, fault_source& faults, bool make_up);

  void push(poll_item& i);

  std::uint32_t poll() override { return ready_.empty() ? 0 : std::uint32_t(EPOLLIN); }
  void released(bool) override;
  bool empty() const { return items_.empty(); }

private:
  bool report(poll_item& i, epoll_event& out);
  void shuffle(fault_source& faults);
  std::size_t make_spurious(std::span<epoll_event> out, fault_source& faults);
  void repeat_edge(fault_source& faults);
  poll_item* any(fault_source& faults);
  void drop(poll_item& i);

  std::map<int, poll_item> items_;
  std::deque<poll_item*> ready_;
};

} // namespace epollhost::net::sim

#endif
