// Distributed under the Boost Software License, Version 1.0.
// When which object is to be called: a heap of deadlines.
#include "loop/timer_queue.hpp"

#include <algorithm>

namespace epollhost::loop {
namespace {

constexpr std::size_t children = 4;
constexpr std::size_t parent_of(std::size_t at) { return (at - 1) / children; }
constexpr std::size_t first_child_of(std::size_t at) { return at * children + 1; }

} // namespace

void timer_queue::put(std::size_t at, entry e) {
  heap_[at] = e;
  if (at == 0) earliest_ = e.when;
  e.object->timer_index_ = static_cast<std::uint32_t>(at);
}

void timer_queue::sift_up(std::size_t at, entry e) {
  while (at > 0 && e.when < heap_[parent_of(at)].when) {
    put(at, heap_[parent_of(at)]);
    at = parent_of(at);
  }
  put(at, e);
}

void timer_queue::sift_down(std::size_t at, entry e) {
  for (;;) {
    const std::size_t first = first_child_of(at);
    const std::size_t last = std::min(first + children, heap_.size());
    std::size_t least = at;
    std::int64_t least_when = e.when;
    for (std::size_t c = first; c < last; ++c)
      if (heap_[c].when < least_when) least = c, least_when = heap_[c].when;
    if (least == at) break;
    put(at, heap_[least]);
    at = least;
  }
  put(at, e);
}

void timer_queue::move_to(std::size_t at, entry e) {
  if (at > 0 && e.when < heap_[parent_of(at)].when)
    sift_up(at, e);
  else
    sift_down(at, e);
}

void timer_queue::arm(io_object& o, std::int64_t when_ns) {
  if (!armed(o)) {
    heap_.push_back({});
    sift_up(heap_.size() - 1, {when_ns, &o});
  } else {
    move_to(o.timer_index_, {when_ns, &o});
  }
}

void timer_queue::disarm(io_object& o) {
  if (!armed(o)) return;
  const std::size_t at = std::exchange(o.timer_index_, none);
  const entry last = heap_.back();
  heap_.pop_back();
  if (heap_.empty()) earliest_ = never;
  if (last.object != &o) move_to(at, last);
}

io_object* timer_queue::pop_expired(std::int64_t now_ns) {
  if (earliest() > now_ns) return nullptr;
  io_object* const o = heap_.front().object;
  disarm(*o);
  return o;
}

} // namespace epollhost::loop
