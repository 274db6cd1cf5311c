// Distributed under the Boost Software License, Version 1.0.
// What an io_context calls: by event, by time, by its ready queue.
#ifndef EPOLLHOST_LOOP_IO_OBJECT_HPP
#define EPOLLHOST_LOOP_IO_OBJECT_HPP

#include <cstdint>

namespace epollhost::loop {

/// Names an io_object in its io_context: 24 bits slot, 40 bits generation, so that it never wraps. 0 is none.
using object_id = std::uint64_t;

/// Base of all that the loop calls. It belongs to its owner, not to the loop, and must be out of the loop
/// (io_context::forget) when it dies. One object has at most one descriptor, one timer and one place in the ready
/// queue.
class io_object {
public:
  io_object(const io_object&) = delete;
  io_object& operator=(const io_object&) = delete;

  object_id id() const { return id_; }

  /// A number by which an owner tells its kinds of objects apart; the loop gives it no meaning.
  std::uint8_t role() const { return role_; }

protected:
  explicit io_object(std::uint8_t role = 0) : role_(role) {}
  ~io_object() = default;

private:
  friend class io_context;
  friend class timer_queue;
  friend class ready_queue;

  // What is not overridden does nothing. Not inline: a compiler that sees that would test for it before each call.
  virtual void on_event(std::uint32_t epoll_events); ///< its descriptor is ready
  virtual void on_timer();                           ///< its timer passed; it is not armed any more
  virtual void on_ready();                           ///< its turn in the ready queue

  object_id id_ = 0;
  io_object* next_ready_ = nullptr; // the object itself: last in the queue; null: not queued
  std::uint32_t timer_index_ = ~0u; // place in the timer heap; all ones: not armed
  const std::uint8_t role_;
  std::uint8_t interest_ = 0; // the mask its descriptor is registered with, see io_context
};

} // namespace epollhost::loop

#endif
