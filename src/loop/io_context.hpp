// Distributed under the Boost Software License, Version 1.0.
// The reactor: one epoll set, one thread.
#ifndef EPOLLHOST_LOOP_IO_CONTEXT_HPP
#define EPOLLHOST_LOOP_IO_CONTEXT_HPP

#include "loop/io_object.hpp"
#include "loop/loop_counters.hpp"
#include "loop/ready_queue.hpp"
#include "loop/spinner.hpp"
#include "loop/task.hpp"
#include "loop/timer_queue.hpp"
#include "loop/trigger.hpp"
#include "net/event_fd.hpp"
#include "net/poller.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

namespace epollhost::loop {

/// Waits for descriptors, timers, posted tasks and the ready queue, and calls what is due. Knows no socket and no
/// plugin.
///
/// One turn:   ready queue -> posted tasks -> expired timers -> before_wait -> wait -> events
///
/// All members are for the thread in run() (or before it), but for post() and stop(). Objects may be added, closed and
/// forgotten from within any call: an event of the same harvest for a forgotten object is dropped by its generation.
class io_context {
public:
  struct options {
    loop::trigger trigger = loop::trigger::edge;
    std::chrono::nanoseconds spin{0}; ///< look that long before blocking; 0: block at once
    std::size_t events_a_turn = 512;
    loop_counters* counters = nullptr; ///< where to count, for a watcher; null: in the io_context
  };

  io_context() : io_context(options()) {}
  explicit io_context(const options& o); ///< throws system_error
  ~io_context();

  /// Turn until stop(). May be called again afterwards.
  void run();

  /// End run() after the turn in hand. [any thread]
  void stop();

  /// Call `f` once a turn, before the loop waits: for what was gathered over all that the turn has called.
  void before_wait(std::function<void()> f) { before_wait_ = std::move(f); }

  /// Call `f` on the loop's thread, never inside this call. Tasks run in the order of posting. [any thread]
  template <class F> void post(F&& f) { enqueue(task(std::forward<F>(f))); }

  /// Call `f` now if this is the loop's thread, else post it. [any thread]
  template <class F> void dispatch(F&& f) {
    if (running_in_this_thread())
      f();
    else
      post(std::forward<F>(f));
  }

  /// Whether this thread is in run(). [any thread]
  bool running_in_this_thread() const { return thread_.load(std::memory_order_relaxed) == std::this_thread::get_id(); }

  // ---- objects

  /// Give the object an id. Throws bad_alloc, and length_error past 2^24 objects at once.
  void remember(io_object& o);

  /// Take the object out of everything: its id, timer, place in the ready queue. Its descriptor must be unwatched
  /// first.
  void forget(io_object& o);

  /// Make the id stale at once; timer and ready queue stay. For an object that is closed but not yet freed.
  void expire_id(io_object& o);

  /// The object with this id, or null if it has gone.
  io_object* find(object_id id) const {
    const slot* const s = slot_of(id);
    return s && s->generation == id >> slot_bits ? s->object : nullptr;
  }

  /// Call f(io_object&) for all that have an id. `f` may not remember or expire any.
  template <class F> void for_each_object(F f) {
    for (const slot& s : slots_)
      if (!(s.generation & free_mark)) f(*s.object);
  }

  // ---- descriptors

  /// Wait for a descriptor. Edge-triggered it reports every change of input, and output changes once `write` was asked
  /// for.
  net::error_code watch(io_object& o, int fd, bool read, bool write);

  /// What we wait for has changed. Edge-triggered this costs a call only at the first `write`; level-triggered the mask
  /// follows. Hang-ups and errors cannot be masked: who does not act on one must unwatch, or the loop spins.
  net::error_code set_interest(io_object& o, int fd, bool read, bool write);

  /// To be called before the descriptor is closed.
  void unwatch(io_object& o, int fd);
  bool watched(const io_object& o) const { return o.interest_ != 0; }
  loop::trigger trigger() const { return options_.trigger; }

  /// Always level-triggered, for input alone: listeners.
  net::error_code watch_level(io_object& o, int fd);

  // ---- time and turns

  /// CLOCK_MONOTONIC at the start of this turn.
  std::int64_t now_ns() const { return now_ns_; }

  /// Read the clock again, after a long call.
  std::int64_t refresh_now_ns();

  /// How many events this turn's wait has brought.
  std::size_t turn_events() const { return turn_events_; }

  /// Call on_timer when `when_ns` has passed, never earlier. An armed timer is moved. One that on_timer arms for the
  /// past comes in the next turn, so that it starves nobody.
  void arm(io_object& o, std::int64_t when_ns);
  void disarm(io_object& o) { timers_.disarm(o); }
  std::int64_t armed_for(const io_object& o) const { return timers_.when(o); } ///< timer_queue::never if it is not

  /// Call on_ready in the next turn.
  void make_ready(io_object& o) { ready_.push(o); }

  const loop_counters& counters() const { return counters_; }

private:
  static constexpr unsigned slot_bits = 24;
  static constexpr std::uint32_t no_slot = ~0u;
  static constexpr std::uint64_t free_mark = std::uint64_t(1) << 63; // in the generation of a free slot: matches no id
  static constexpr std::int64_t near_ns = 100'000'000;               // what a wait meets exactly
  static constexpr std::int64_t no_timers_due = std::numeric_limits<std::int64_t>::min();
  struct slot {
    std::uint64_t generation; // moves on when the object goes, so that no old id finds the slot's next one
    union {
      io_object* object;
      std::uint32_t next_free;
    };
  };
  struct waker final : io_object {};

  const slot* slot_of(object_id id) const {
    const auto index = id & ((1u << slot_bits) - 1);
    return index < slots_.size() ? &slots_[index] : nullptr;
  }
  void enqueue(task t);
  // Slots are never taken away, so one that was once given to the kernel is there.
  const slot& slot_of_event(object_id id) const { return slots_[id & ((1u << slot_bits) - 1)]; }
  void run_ready();
  void run_posted();
  void wake();
  void run_timers();
  [[gnu::always_inline]] inline void dispatch_events(int count); // the two are called once, by run()
  [[gnu::always_inline]] inline int wait();
  int wait_exactly();
  bool has_work() const;
  int spin_then_wait(std::int64_t timeout_ns);
  std::int64_t timeout_ns() const;
  std::span<epoll_event> events() { return {events_.get(), options_.events_a_turn}; }

  options options_;
  loop_counters own_counters_;
  loop_counters& counters_;
  net::poller poller_;
  net::event_fd wake_;
  waker waker_;
  spinner spinner_;
  std::vector<slot> slots_;
  std::uint32_t first_free_ = no_slot;
  ready_queue ready_;         // for the next turn
  ready_queue running_ready_; // of the turn in hand
  timer_queue timers_;
  std::function<void()> before_wait_;
  std::unique_ptr<epoll_event[]> events_;
  std::size_t turn_events_ = 0;
  std::int64_t now_ns_ = 0;
  std::int64_t due_until_ns_ = no_timers_due; // while timers are called: those up to here are
  std::atomic<std::thread::id> thread_;

  std::atomic<bool> stopped_{false};
  std::atomic<bool> wake_pending_{false}; // somebody has posted and nobody has looked yet
  std::mutex posted_mutex_;
  std::vector<task> posted_;  // guarded by posted_mutex_
  std::vector<task> running_; // of the turn in hand
};

} // namespace epollhost::loop

#endif
