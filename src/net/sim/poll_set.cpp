// Distributed under the Boost Software License, Version 1.0.
// A simulated epoll set.
#include "net/sim/poll_set.hpp"

#include "net/sim/fault.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace epollhost::net::sim {
namespace {

constexpr std::uint32_t unmaskable = EPOLLERR | EPOLLHUP;

void forget(poll_item& i) { std::erase(i.of.items, &i); }

} // namespace

void file::wake(std::uint32_t bits) {
  for (poll_item* i : items)
    if (bits == 0 || bits & (i->mask | unmaskable)) i->set.push(*i);
  if (watcher) watcher();
}

poll_set::~poll_set() {
  for (auto& [fd, i] : items_) forget(i);
}

void poll_set::released(bool) {
  for (auto& [fd, i] : items_) forget(i);
  items_.clear();
  ready_.clear();
}

void poll_set::push(poll_item& i) {
  if (!std::exchange(i.ready, true)) ready_.push_back(&i);
}

int poll_set::add(int fd, file& of, std::uint32_t mask, std::uint64_t data) {
  const auto [at, fresh] = items_.try_emplace(fd, poll_item{*this, of, mask, data});
  if (!fresh) return EEXIST;
  of.items.push_back(&at->second);
  if (of.poll() & (mask | unmaskable)) push(at->second);
  return 0;
}

int poll_set::modify(int fd, std::uint32_t mask, std::uint64_t data) {
  const auto at = items_.find(fd);
  if (at == items_.end()) return ENOENT;
  poll_item& i = at->second;
  i.mask = mask;
  i.data = data;
  if (i.of.poll() & (mask | unmaskable)) push(i);
  return 0;
}

int poll_set::remove(int fd) {
  const auto at = items_.find(fd);
  if (at == items_.end()) return ENOENT;
  drop(at->second);
  items_.erase(at);
  return 0;
}

void poll_set::drop(poll_item& i) {
  std::erase(ready_, &i);
  forget(i);
}

// Answers whether it is an event.
bool poll_set::report(poll_item& i, epoll_event& out) {
  const std::uint32_t bits = i.of.poll() & (i.mask | unmaskable);
  i.ready = false;
  if (bits == 0) return false;
  out.events = bits;
  out.data.u64 = i.data;
  return true;
}

int poll_set::harvest(std::span<epoll_event> out, fault_source& faults, bool make_up) {
  if (make_up) repeat_edge(faults);
  shuffle(faults);
  std::size_t room = out.size();
  if (ready_.size() > 1 && faults.strikes(fault::held_event))
    room = std::min(room, std::size_t(faults.choices().between(1, ready_.size() - 1)));
  std::size_t n = 0;
  std::deque<poll_item*> again;
  while (n < room && !ready_.empty()) {
    poll_item& i = *ready_.front();
    ready_.pop_front();
    if (!report(i, out[n])) continue;
    ++n;
    if (!(i.mask & EPOLLET)) again.push_back(&i);
  }
  for (poll_item* i : again) push(*i);
  return static_cast<int>(n + (make_up ? make_spurious(out.subspan(n), faults) : 0));
}

// ---- faults

void poll_set::shuffle(fault_source& faults) {
  if (ready_.size() < 2 || !faults.strikes(fault::shuffled_events)) return;
  for (std::size_t i = ready_.size() - 1; i > 0; --i) std::swap(ready_[i], ready_[faults.choices().below(i + 1)]);
}

poll_item* poll_set::any(fault_source& faults) {
  if (items_.empty()) return nullptr;
  auto at = items_.begin();
  std::advance(at, faults.choices().below(items_.size()));
  return &at->second;
}

std::size_t poll_set::make_spurious(std::span<epoll_event> out, fault_source& faults) {
  if (out.empty() || !faults.strikes(fault::spurious_event)) return 0;
  poll_item* const i = any(faults);
  if (!i || i->ready || !(i->mask & EPOLLIN) || !i->of.may_mislead()) return 0;
  out[0].events = EPOLLIN;
  out[0].data.u64 = i->data;
  return 1;
}

void poll_set::repeat_edge(fault_source& faults) {
  if (!faults.strikes(fault::repeated_edge)) return;
  if (poll_item* const i = any(faults)) push(*i);
}

} // namespace epollhost::net::sim
