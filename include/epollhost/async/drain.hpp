// Distributed under the Boost Software License, Version 1.0.
// Waiting for the end of the worker. Plugins may include this (through async.hpp).
#ifndef EPOLLHOST_ASYNC_DRAIN_HPP
#define EPOLLHOST_ASYNC_DRAIN_HPP

#include <epollhost/async/connection.hpp>

namespace epollhost::detail {

template <class Report> class drain_awaiter : public operation {
public:
  drain_awaiter(connection* on, Report report) : on_(on), report_(report) {}

  bool await_ready() {
    if (!on_) return error = ENOTCONN, false;
    error = on_->trouble();
    over_ = error != 0 || on_->draining;
    return over_ && on_->run_by.complete();
  }

  template <class U> void await_suspend(std::coroutine_handle<promise<U>> self) {
    waiter = self.address();
    if (error != 0)
      self.promise().top->home.resume_later(*this);
    else if (over_)
      on_->resume_later(*this);
    else
      on_->drain_waiters.push(*this);
  }

  void await_resume() const { report_(error, "async_wait_drain"); }

private:
  connection* const on_;
  bool over_ = false;
  [[no_unique_address]] const Report report_;
};

} // namespace epollhost::detail

#endif
