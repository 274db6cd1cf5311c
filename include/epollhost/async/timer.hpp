// Distributed under the Boost Software License, Version 1.0.
// Waiting for a time. Plugins may include this (through async.hpp).
#ifndef EPOLLHOST_ASYNC_TIMER_HPP
#define EPOLLHOST_ASYNC_TIMER_HPP

#include <epollhost/async/stream.hpp>

namespace epollhost {

class steady_timer;

namespace detail {

class wait_operation : public operation {
public:
  explicit wait_operation(steady_timer& timer) : timer_(timer) {}
  ~wait_operation() { stop(); }

  inline bool await_ready();
  template <class U> void await_suspend(std::coroutine_handle<promise<U>> self);
  /// The host's timer has passed.
  void fired() {
    host_timer_ = 0;
    unlink();
    scheduler_->run(*this);
  }

  /// The host's timer shall not come.
  void stop() {
    if (host_timer_ > 0) scheduler_->host->timer_stop(scheduler_->host, host_timer_);
    host_timer_ = 0;
  }

private:
  steady_timer& timer_;
  scheduler* scheduler_ = nullptr;
  std::int64_t host_timer_ = 0;
};

template <class Report> class wait_awaiter : public wait_operation {
public:
  wait_awaiter(steady_timer& timer, Report report) : wait_operation(timer), report_(report) {}
  void await_resume() const { report_(error, "async_wait"); }

private:
  [[no_unique_address]] const Report report_;
};

} // namespace detail

/// A moment that tasks can wait for, any number of them. Its clock is the host's; it never fires early. Not later than
/// the worker's next turn after it has passed. Ends all waiting when it dies. [worker]
class steady_timer {
public:
  using clock = std::chrono::steady_clock;
  using duration = clock::duration;
  using time_point = clock::time_point;

  /// One that never comes, until it is told when. Of `to` it takes the clock; whose task waits does not matter.
  explicit steady_timer(const executor& to) : scheduler_(to.scheduler()) {}
  explicit steady_timer(const stream& to) : steady_timer(to.get_executor()) {}
  template <class To> steady_timer(const To& to, duration time) : steady_timer(to) { expires_after(time); }
  steady_timer(const steady_timer&) = delete;
  ~steady_timer() { cancel(); }

  /// Set the moment. Whoever waits for the old one gets operation_canceled. Answers how many did.
  std::size_t expires_at(time_point at) {
    const std::size_t waited = cancel();
    expiry_ = at;
    return waited;
  }
  std::size_t expires_after(duration time) {
    const std::int64_t now_ns = now().time_since_epoch().count();
    return expires_at(time_point(duration(deadline_after(now_ns, std::max(time, duration::zero())))));
  }
  time_point expiry() const { return expiry_; }
  time_point now() const { return time_point(std::chrono::nanoseconds(scheduler_.host->now_ns(scheduler_.host))); }

  /// All that wait end with operation_canceled, also those whose moment has come but who have not gone on yet. Answers
  /// how many they are.
  std::size_t cancel() {
    std::size_t waited = 0;
    for (; !waiting_.empty(); ++waited) {
      waiting_.front().stop();
      scheduler_.make_ready(waiting_.front(), ECANCELED);
    }
    return waited;
  }

  auto async_wait() { return detail::wait_awaiter(*this, detail::throwing{}); }
  auto async_wait(std::error_code& ec) { return detail::wait_awaiter(*this, detail::reporting{ec}); }

private:
  friend detail::wait_operation;
  detail::scheduler& scheduler_;
  time_point expiry_ = time_point::max();
  detail::list<detail::wait_operation> waiting_;
};

namespace detail {

inline bool wait_operation::await_ready() {
  const bool over = timer_.expiry_ != steady_timer::time_point::max() && timer_.now() >= timer_.expiry_;
  return over && timer_.scheduler_.complete();
}

// The timer is of whom the task belongs to: when that ends, the task does too.
template <class U> void wait_operation::await_suspend(std::coroutine_handle<promise<U>> self) {
  waiter = self.address();
  scope& home = self.promise().top->home;
  scheduler_ = &home.run_by;
  if (timer_.expiry_ != steady_timer::time_point::max()) {
    const auto at = std::chrono::duration_cast<std::chrono::nanoseconds>(timer_.expiry_.time_since_epoch()).count();
    host_timer_ = scheduler_->host->timer_start(scheduler_->host, home.id, at, own_argument::of(this));
    if (host_timer_ <= 0) error = EAGAIN;
  }
  if (error != 0)
    home.resume_later(*this);
  else
    timer_.waiting_.push(*this);
}

} // namespace detail
} // namespace epollhost

#endif
