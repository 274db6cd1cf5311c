// Distributed under the Boost Software License, Version 1.0.
// The reactor: one epoll set, one thread.
#include "loop/io_context.hpp"

#include "net/clock.hpp"

#include <cassert>
#include <stdexcept>
#include <utility>

namespace epollhost::loop {
namespace {

// io_object::interest_
constexpr std::uint8_t registered = 1; // in the epoll set
constexpr std::uint8_t reading = 2;
constexpr std::uint8_t writing = 4;

constexpr std::size_t tasks_reserved = 16; // for those of the end, when there may be no memory

constexpr std::uint8_t interest_of(bool read, bool write) {
  return static_cast<std::uint8_t>(registered | (read ? reading : 0) | (write ? writing : 0));
}

std::uint32_t mask_of(trigger t, std::uint8_t interest) {
  const std::uint32_t in = EPOLLIN | EPOLLRDHUP;
  const std::uint32_t out = interest & writing ? std::uint32_t(EPOLLOUT) : 0;
  // Without RDHUP in the mask, data and FIN that arrive together give one edge, and the end of file is never seen.
  return t == trigger::edge ? EPOLLET | in | out : (interest & reading ? in : 0) | out;
}

} // namespace

io_context::io_context(const options& o)
    : options_(o), counters_(o.counters ? *o.counters : own_counters_), spinner_(o.spin.count()),
      events_(std::make_unique_for_overwrite<epoll_event[]>(o.events_a_turn)) {
  now_ns_ = net::monotonic_ns();
  posted_.reserve(tasks_reserved);
  running_.reserve(tasks_reserved);
  remember(waker_);
  // Edge-triggered and never read: each write to it is one event.
  if (const auto ec = poller_.add(wake_.get(), EPOLLIN | EPOLLET, waker_.id()))
    throw net::system_error(ec, "epoll_ctl of the wake-up descriptor");
}

io_context::~io_context() { forget(waker_); }

// ---- turns

void io_context::run() {
  thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
  refresh_now_ns(); // for what waits, the loop's start may be long ago
  while (!stopped_.load(std::memory_order_acquire)) {
    ++counters_.turns;
    if (!ready_.empty()) run_ready();
    if (wake_pending_.load(std::memory_order_acquire)) run_posted();
    if (timers_.earliest() <= now_ns_) run_timers();
    if (before_wait_) before_wait_();
    dispatch_events(wait());
  }
  counters_.busy_since_ns.store(0, std::memory_order_relaxed);
  stopped_.store(false, std::memory_order_relaxed);
  thread_.store(std::thread::id(), std::memory_order_relaxed);
}

void io_context::stop() {
  stopped_.store(true, std::memory_order_release);
  wake(); // a post would need memory, and this has to go without
}

// A deadline that is not near is not met by the wait in hand, but by one that begins nearer to it. So most turns need
// not look at the clock to learn what of the time they have used up themselves.
int io_context::wait() {
  counters_.busy_since_ns.store(0, std::memory_order_relaxed);
  const std::int64_t next = timers_.earliest();
  const bool exactly = has_work() || spinner_.on() || next < now_ns_ + near_ns;
  const int count = exactly ? wait_exactly() : poller_.wait_roughly(events(), next - now_ns_);
  counters_.busy_since_ns.store(refresh_now_ns(), std::memory_order_relaxed);
  return count;
}

int io_context::wait_exactly() {
  const std::int64_t timeout = timeout_ns();
  return timeout == 0 || !spinner_.on() ? poller_.wait(events(), timeout) : spin_then_wait(timeout);
}

// stop() may have come in this turn, and its wake-up been looked at already.
bool io_context::has_work() const {
  return !ready_.empty() || wake_pending_.load(std::memory_order_acquire) || stopped_.load(std::memory_order_acquire);
}

// Looks without blocking for as long as it is worth it.
int io_context::spin_then_wait(std::int64_t timeout) {
  const std::int64_t start = net::monotonic_ns();
  std::int64_t now = start;
  if (spinner_.worth_it()) {
    const std::int64_t end = start + (timeout < 0 ? spinner_.limit_ns() : std::min(timeout, spinner_.limit_ns()));
    do {
      if (const int n = poller_.wait(events(), 0)) return spinner_.hit(), n;
    } while ((now = net::monotonic_ns()) < end);
    spinner_.miss();
    if (timeout >= 0) timeout = std::max<std::int64_t>(0, timeout - (now - start));
  }
  const int n = poller_.wait(events(), timeout);
  if (n > 0) spinner_.blocked_for(net::monotonic_ns() - now);
  return n;
}

std::int64_t io_context::timeout_ns() const {
  if (has_work()) return 0;
  const std::int64_t next = timers_.earliest();
  if (next == timer_queue::never) return -1;
  const std::int64_t now = net::monotonic_ns(); // the turn's own time is old by now
  return next <= now ? 0 : next - now;
}

std::int64_t io_context::refresh_now_ns() { return now_ns_ = net::monotonic_ns(); }

void io_context::dispatch_events(int count) {
  turn_events_ = static_cast<std::size_t>(count);
  counters_.events += turn_events_;
  for (const epoll_event& e : events().first(turn_events_)) {
    const object_id id = e.data.u64;
    const slot& s = slot_of_event(id);
    if (s.generation == id >> slot_bits) [[likely]]
      s.object->on_event(e.events);
    else
      ++counters_.stale_events;
  }
}

void io_context::run_ready() {
  running_ready_ = ready_.take_all();
  while (io_object* const o = running_ready_.pop()) o->on_ready();
}

// One look at the clock for all: a timer that on_timer arms for the past waits for the next turn, see arm().
void io_context::run_timers() {
  due_until_ns_ = now_ns_;
  while (io_object* const o = timers_.pop_expired(due_until_ns_)) o->on_timer();
  due_until_ns_ = no_timers_due;
}

void io_context::arm(io_object& o, std::int64_t when_ns) {
  timers_.arm(o, due_until_ns_ == no_timers_due ? when_ns : std::max(when_ns, due_until_ns_ + 1));
}

// ---- tasks from other threads

void io_context::enqueue(task t) {
  {
    std::lock_guard lock(posted_mutex_);
    posted_.push_back(std::move(t));
  }
  // The task must be visible before the flag that says "nobody has looked yet". The mutex orders this already; the
  // fence keeps it true whatever holds the queue, and pairs with the one in run_posted().
  std::atomic_thread_fence(std::memory_order_seq_cst);
  wake();
}

void io_context::wake() {
  if (!wake_pending_.exchange(true, std::memory_order_acq_rel) && !running_in_this_thread()) wake_.notify();
}

void io_context::run_posted() {
  wake_pending_.store(false, std::memory_order_relaxed);
  std::atomic_thread_fence(
      std::memory_order_seq_cst); // first the flag, then the queue: a later post sets the flag again
  {
    std::lock_guard lock(posted_mutex_);
    running_.swap(posted_);
  }
  for (task& t : running_) t();
  running_.clear();
}

// ---- objects

void io_context::remember(io_object& o) {
  if (first_free_ == no_slot) {
    if (slots_.size() == std::size_t(1) << slot_bits) throw std::length_error("more than 2^24 objects in one loop");
    slots_.push_back({.generation = 1 | free_mark, .next_free = no_slot});
    first_free_ = static_cast<std::uint32_t>(slots_.size() - 1);
  }
  const std::uint32_t index = first_free_;
  slot& s = slots_[index];
  first_free_ = s.next_free;
  s.generation &= ~free_mark;
  s.object = &o;
  o.id_ = s.generation << slot_bits | index;
}

void io_context::expire_id(io_object& o) {
  if (find(o.id_) != &o) return;
  const auto index = static_cast<std::uint32_t>(o.id_ & ((1u << slot_bits) - 1));
  slots_[index].generation = (slots_[index].generation + 1) | free_mark;
  slots_[index].next_free = std::exchange(first_free_, index);
}

void io_context::forget(io_object& o) {
  assert(!watched(o));
  expire_id(o);
  timers_.disarm(o);
  ready_.remove(o);
  running_ready_.remove(o);
}

// ---- descriptors

net::error_code io_context::watch(io_object& o, int fd, bool read, bool write) {
  assert(!watched(o));
  const std::uint8_t interest = interest_of(read, write);
  const auto ec = poller_.add(fd, mask_of(options_.trigger, interest), o.id_);
  if (!ec) o.interest_ = interest;
  return ec;
}

net::error_code io_context::watch_level(io_object& o, int fd) {
  assert(!watched(o));
  const auto ec = poller_.add(fd, EPOLLIN, o.id_);
  if (!ec) o.interest_ = interest_of(true, false);
  return ec;
}

net::error_code io_context::set_interest(io_object& o, int fd, bool read, bool write) {
  if (options_.trigger == trigger::edge && watched(o) && (!write || o.interest_ & writing)) return {};
  if (!watched(o)) return watch(o, fd, read, write);
  const std::uint8_t interest = interest_of(read, write);
  if (interest == o.interest_) return {};
  const auto ec = poller_.modify(fd, mask_of(options_.trigger, interest), o.id_);
  if (!ec) o.interest_ = interest;
  return ec;
}

void io_context::unwatch(io_object& o, int fd) {
  if (!watched(o)) return;
  poller_.remove(fd);
  o.interest_ = 0;
}

} // namespace epollhost::loop
