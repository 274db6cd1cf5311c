// Distributed under the Boost Software License, Version 1.0.
// A coroutine that starts when it is awaited. Plugins may include this (through async.hpp).
#ifndef EPOLLHOST_ASYNC_TASK_HPP
#define EPOLLHOST_ASYNC_TASK_HPP

#include <epollhost/async/scheduler.hpp>

#include <exception>
#include <optional>
#include <stdexcept>
#include <type_traits>

namespace epollhost {

template <class T> class task;

namespace detail {

/// A task runs once: one that was given away, or was started before, is the author's mistake.
template <class P> void check_startable(std::coroutine_handle<P> frame) {
  if (!frame || frame.promise().top) [[unlikely]]
    throw std::logic_error(frame ? "a task is started a second time" : "a task is started that was moved from");
}

struct promise_base {
  static void* operator new(std::size_t bytes) { return take_frame(bytes); }
  static void operator delete(void* frame, std::size_t bytes) noexcept { give_frame(frame, bytes); }

  // Neither resumes anything: the scheduler does, when this coroutine has suspended.
  struct final_awaiter {
    bool await_ready() const noexcept { return false; }
    template <class P> void await_suspend(std::coroutine_handle<P> self) const noexcept {
      promise_base& p = self.promise();
      scheduler& s = p.top->home.run_by;
      if (p.awaited_by)
        s.run_next(p.awaited_by);
      else
        s.finish(*p.top);
    }
    void await_resume() const noexcept {}
  };

  std::suspend_always initial_suspend() const noexcept { return {}; }
  final_awaiter final_suspend() const noexcept { return {}; }

  void unhandled_exception() noexcept {
    if (awaited_by)
      error = std::current_exception();
    else
      top->home.exception_left();
  }

  void rethrow() {
    if (error) [[unlikely]]
      std::rethrow_exception(std::move(error));
  }

  root* top = nullptr; // of the task that this coroutine is a part of
  std::coroutine_handle<> awaited_by;
  std::exception_ptr error;
};

template <class T> struct promise : promise_base {
  static_assert(!std::is_reference_v<T>, "a task answers a value; take a pointer for what lives elsewhere");
  task<T> get_return_object() noexcept;
  template <class U = T> void return_value(U&& result) { value.emplace(std::forward<U>(result)); }
  T result() {
    rethrow();
    return std::move(*value);
  }
  std::optional<T> value;
};

template <> struct promise<void> : promise_base {
  task<void> get_return_object() noexcept;
  void return_void() const noexcept {}
  void result() { rethrow(); }
};

} // namespace detail

/// A part of what a connection or the instance does; owns its coroutine. It runs when another task awaits it, once, or
/// when co_spawn() takes it. Ended early, it is destroyed where it waits: what must happen in any case stands in a
/// destructor. Arguments of the coroutine that are references must outlive it. [worker]
template <class T = void> class [[nodiscard]] task {
public:
  using promise_type = detail::promise<T>;

  explicit task(std::coroutine_handle<promise_type> frame) noexcept : frame_(frame) {}
  task(task&& other) noexcept : frame_(std::exchange(other.frame_, {})) {}
  task& operator=(task&& other) noexcept {
    std::swap(frame_, other.frame_);
    return *this;
  }
  ~task() {
    if (frame_) frame_.destroy();
  }

  class awaiter {
  public:
    explicit awaiter(std::coroutine_handle<promise_type> frame) noexcept : frame_(frame) {}
    bool await_ready() const noexcept { return false; }
    template <class U> void await_suspend(std::coroutine_handle<detail::promise<U>> parent) const {
      detail::check_startable(frame_);
      detail::root* const top = parent.promise().top;
      frame_.promise().top = top;
      frame_.promise().awaited_by = parent;
      top->home.run_by.run_next(frame_);
    }
    T await_resume() const { return frame_.promise().result(); }

  private:
    std::coroutine_handle<promise_type> frame_;
  };

  awaiter operator co_await() && noexcept { return awaiter(frame_); }

  /// For co_spawn(): gives the coroutine away.
  std::coroutine_handle<promise_type> release() && noexcept { return std::exchange(frame_, {}); }

private:
  std::coroutine_handle<promise_type> frame_;
};

namespace detail {

template <class T> task<T> promise<T>::get_return_object() noexcept {
  return task<T>(std::coroutine_handle<promise>::from_promise(*this));
}
inline task<void> promise<void>::get_return_object() noexcept {
  return task<void>(std::coroutine_handle<promise>::from_promise(*this));
}

/// Make `t` a task of `home`; the scheduler starts it.
inline root& start(scope& home, task<void> t) {
  const auto frame = std::move(t).release();
  task<void> owner(frame);
  check_startable(frame);
  void* const memory = take_frame(sizeof(root));
  std::move(owner).release();
  root& r = *new (memory) root(home, frame);
  frame.promise().top = &r;
  home.adopt(r);
  home.run_by.make_ready(r);
  return r;
}

} // namespace detail
} // namespace epollhost

#endif
