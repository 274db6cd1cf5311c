// Distributed under the Boost Software License, Version 1.0.
// Writing to a stream: what co_await waits for. Plugins may include this (through async.hpp).
#ifndef EPOLLHOST_ASYNC_WRITE_HPP
#define EPOLLHOST_ASYNC_WRITE_HPP

#include <epollhost/async/connection.hpp>

namespace epollhost::detail {

/// Copies the bytes into the output, and waits where more than the high mark is queued.
class write_awaiter : public write_operation {
public:
  write_awaiter(connection& on, std::string_view bytes, std::error_code* report)
      : write_operation(bytes), on_(on), report_(report) {}

  bool await_ready() {
    error = on_.write_trouble();
    over_ = error != 0 || on_.write(*this);
    return over_ && on_.run_by.may_complete();
  }

  template <class U> void await_suspend(std::coroutine_handle<promise<U>> self) {
    waiter = self;
    if (error != 0)
      self.promise().top->home.resume_later(*this);
    else if (over_)
      on_.resume_later(*this);
    else
      on_.wait_for_room(*this);
  }

  void await_resume() const { report_(error, "async_write"); }

private:
  connection& on_;
  const error_report report_;
  bool over_ = false;
};

/// Waits until the worker begins to end.
class drain_awaiter : public operation {
public:
  drain_awaiter(connection& on, std::error_code* report) : on_(on), report_(report) {}

  bool await_ready() {
    error = on_.trouble();
    over_ = error != 0 || on_.draining;
    return over_ && on_.run_by.may_complete();
  }

  template <class U> void await_suspend(std::coroutine_handle<promise<U>> self) {
    waiter = self;
    if (error != 0)
      self.promise().top->home.resume_later(*this);
    else if (over_)
      on_.resume_later(*this);
    else
      on_.drain_waiters.push(*this);
  }

  void await_resume() const { report_(error, "async_wait_drain"); }

private:
  connection& on_;
  const error_report report_;
  bool over_ = false;
};

} // namespace epollhost::detail

#endif
