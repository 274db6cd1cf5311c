// Distributed under the Boost Software License, Version 1.0.
// The loop of the host in memory: virtual time, ids, what is ready, what was posted, what is due.
#ifndef EPOLLHOST_TESTING_DETAIL_LOOP_HPP
#define EPOLLHOST_TESTING_DETAIL_LOOP_HPP

#include <epollhost/testing/failure.hpp>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace epollhost::testing::detail {

/// Something with an id that the loop calls. It must be forgotten before it dies.
class loop_object {
public:
  enum class role { other, connection, timer };
  explicit loop_object(role r) : role_(r) {}
  virtual ~loop_object() = default;
  loop_object(const loop_object&) = delete;
  loop_object& operator=(const loop_object&) = delete;

  std::uint64_t id() const { return id_; }
  role kind() const { return role_; }

private:
  friend class loop;
  virtual void on_event() {}
  virtual void on_ready() {}
  virtual void on_timer() {}

  const role role_;
  std::uint64_t id_ = 0;
  bool in_ready_ = false, in_events_ = false;
  std::optional<std::multimap<std::int64_t, loop_object*>::iterator> timer_;
};

/// One turn: ready -> posted -> timers -> events, in the order of the real loop. Time stands still but for
/// set_now_ns().
class loop {
public:
  static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();
  static constexpr unsigned slot_bits = 24; ///< of an id; the generation has the rest

  explicit loop(std::int64_t now_ns) : now_ns_(now_ns) {}

  // ---- time

  std::int64_t now_ns() const { return now_ns_; }
  void set_now_ns(std::int64_t now) { now_ns_ = std::max(now_ns_, now); }
  std::int64_t earliest() const { return timers_.empty() ? never : timers_.begin()->first; }
  std::int64_t armed_for(const loop_object& o) const { return o.timer_ ? (*o.timer_)->first : never; }

  /// A timer that on_timer arms for the past waits for the next turn.
  void arm(loop_object& o, std::int64_t when_ns) {
    disarm(o);
    o.timer_ = timers_.emplace(in_timers_ ? std::max(when_ns, now_ns_ + 1) : when_ns, &o);
  }
  void disarm(loop_object& o) {
    if (o.timer_) timers_.erase(*std::exchange(o.timer_, std::nullopt));
  }

  // ---- objects

  void remember(loop_object& o) {
    if (free_.empty()) {
      slots_.push_back({1, nullptr});
      free_.push_back(slots_.size() - 1);
    }
    const std::size_t index = free_.back();
    free_.pop_back();
    slots_[index].object = &o;
    o.id_ = slots_[index].generation << slot_bits | index;
  }
  void expire_id(loop_object& o) {
    if (find(o.id_) != &o) return;
    const auto index = static_cast<std::size_t>(o.id_ & ((1u << slot_bits) - 1));
    ++slots_[index].generation; // so that no old id finds the slot's next object
    slots_[index].object = nullptr;
    free_.push_back(index);
  }
  void forget(loop_object& o) {
    expire_id(o);
    disarm(o);
    std::erase(ready_, &o);
    std::erase(running_, &o);
    std::erase(events_, &o);
  }
  loop_object* find(std::uint64_t id) const {
    const auto index = static_cast<std::size_t>(id & ((1u << slot_bits) - 1));
    return index < slots_.size() && slots_[index].generation == id >> slot_bits ? slots_[index].object : nullptr;
  }
  template <class F> void for_each_object(F f) {
    for (std::size_t i = 0; i < slots_.size(); ++i)
      if (slots_[i].object) f(*slots_[i].object);
  }

  // ---- what is to be done

  void make_ready(loop_object& o) {
    if (!std::exchange(o.in_ready_, true)) ready_.push_back(&o);
  }
  void add_event(loop_object& o) {
    if (!std::exchange(o.in_events_, true)) events_.push_back(&o);
  }

  /// [any thread]
  void post(std::function<void()> task) {
    {
      const std::lock_guard lock(mutex_);
      posted_.push_back(std::move(task));
    }
    came_.notify_all();
  }

  /// Wait, in real time, until something is posted.
  bool wait_for_post(std::chrono::nanoseconds patience) {
    std::unique_lock lock(mutex_);
    return came_.wait_for(lock, patience, [this] { return !posted_.empty(); });
  }

  bool idle() {
    const std::lock_guard lock(mutex_);
    return ready_.empty() && posted_.empty() && events_.empty() && earliest() > now_ns_;
  }

  void turn() {
    run_ready();
    run_posted();
    run_timers();
    run_events();
  }

private:
  struct slot {
    std::uint64_t generation;
    loop_object* object;
  };

  void run_ready() {
    running_ = std::exchange(ready_, {});
    while (!running_.empty()) {
      loop_object* const o = running_.front();
      running_.pop_front();
      o->in_ready_ = false;
      o->on_ready();
    }
  }
  void run_posted() {
    std::vector<std::function<void()>> tasks;
    {
      const std::lock_guard lock(mutex_);
      tasks.swap(posted_);
    }
    for (auto& task : tasks) task();
  }
  void run_timers() {
    in_timers_ = true;
    while (earliest() <= now_ns_) {
      loop_object* const o = timers_.begin()->second;
      disarm(*o);
      o->on_timer();
    }
    in_timers_ = false;
  }
  void run_events() {
    for (std::size_t n = events_.size(); n > 0 && !events_.empty(); --n) {
      loop_object* const o = events_.front();
      events_.pop_front();
      o->in_events_ = false;
      o->on_event();
    }
  }

  std::int64_t now_ns_;
  bool in_timers_ = false;
  std::vector<slot> slots_;
  std::vector<std::size_t> free_;
  std::multimap<std::int64_t, loop_object*> timers_;
  std::deque<loop_object*> ready_, running_, events_;
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<std::function<void()>> posted_;
};

} // namespace epollhost::testing::detail

#endif
