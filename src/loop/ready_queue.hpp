// Distributed under the Boost Software License, Version 1.0.
// Objects that have more to do, in the order of their asking, without a system call.
#ifndef EPOLLHOST_LOOP_READY_QUEUE_HPP
#define EPOLLHOST_LOOP_READY_QUEUE_HPP

#include "loop/io_object.hpp"

#include <utility>

namespace epollhost::loop {

/// An intrusive queue: first in, first out; an object is in it at most once.
///
///     head -> a -> b -> c -+
///                       ^--+   the last one points to itself, so that "queued" is "next is not null"
class ready_queue {
public:
  bool empty() const { return head_ == nullptr; }

  void push(io_object& o) {
    if (o.next_ready_) return;
    o.next_ready_ = &o;
    if (head_)
      tail_->next_ready_ = &o;
    else
      head_ = &o;
    tail_ = &o;
  }

  io_object* pop() {
    io_object* const o = head_;
    if (o) head_ = o->next_ready_ == o ? nullptr : o->next_ready_, o->next_ready_ = nullptr;
    return o;
  }

  /// Take one out, wherever it stands. Linear: for the rare object that dies while it is queued.
  void remove(io_object& o) {
    if (!o.next_ready_) return;
    ready_queue kept;
    while (io_object* other = pop())
      if (other != &o) kept.push(*other);
    *this = kept;
  }

  /// All that is queued now; what is pushed later waits for the next take_all.
  ready_queue take_all() { return std::exchange(*this, ready_queue()); }

private:
  io_object* head_ = nullptr;
  io_object* tail_ = nullptr;
};

} // namespace epollhost::loop

#endif
