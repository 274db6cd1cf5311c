// Distributed under the Boost Software License, Version 1.0.
// Where coroutines run, and how another thread reaches them. Plugins may include this (through async.hpp).
#ifndef EPOLLHOST_ASYNC_EXECUTOR_HPP
#define EPOLLHOST_ASYNC_EXECUTOR_HPP

#include <epollhost/async/task.hpp>

#include <memory>

namespace epollhost {

/// Names a connection or an instance, as the place where something is to run. To be copied freely, to other threads
/// too, until the instance stops.
class executor {
public:
  executor() = default; ///< of nothing: post() and co_spawn() answer false, and there is no host()
  executor(detail::scheduler& s, eh_conn_id id) : scheduler_(&s), id_(id) {}
  explicit operator bool() const { return scheduler_ != nullptr; }

  eh_conn_id id() const { return id_; }                  ///< 0: the instance
  /// The one that the connection belongs to. This and host() throw stream_error, not_connected, if it is of nothing.
  executor instance() const { return {scheduler(), 0}; }
  epollhost::host host() const { return epollhost::host(scheduler().host); }
  detail::scheduler& scheduler() const {
    if (!scheduler_) [[unlikely]]
      detail::throw_error(ENOTCONN, "an executor of nothing");
    return *scheduler_;
  }
  bool operator==(const executor&) const = default;

private:
  detail::scheduler* scheduler_ = nullptr;
  eh_conn_id id_ = 0;
};

namespace detail {

/// A function on its way to the worker. The host either delivers or releases it.
struct posted {
  explicit posted(void (*run)(posted&, scope&)) : run(run) {}
  void (*const run)(posted&, scope&);
};

template <class F> struct posted_function final : posted {
  explicit posted_function(F f) : posted(call), f(std::move(f)) {}
  static void call(posted& p, scope& where) {
    const std::unique_ptr<posted_function> self(static_cast<posted_function*>(&p));
    self->f(where);
  }
  static void release(void* self) { delete static_cast<posted_function*>(self); }
  F f;
};

template <class F> bool post_to(const executor& to, F f) {
  auto self = std::make_unique<posted_function<F>>(std::move(f));
  if (!to) return false;
  const std::uint64_t arg = own_argument::of(static_cast<posted*>(self.get()), own_argument::post);
  if (to.host().post(to.id(), arg, posted_function<F>::release, self.get()) != EH_OK) return false;
  self.release();
  return true;
}

/// What `wake` or `tick` brought.
inline void run_posted(std::uint64_t arg, scope& where) noexcept {
  try {
    posted& p = own_argument::to<posted>(arg);
    p.run(p, where);
  } catch (...) {
    where.exception_left();
  }
  where.run_by.run_ready();
}

/// Behind all that waits for its turn.
struct yield_awaiter : operation {
  bool await_ready() const noexcept { return false; }
  template <class U> void await_suspend(std::coroutine_handle<promise<U>> self) {
    waiter = self.address();
    self.promise().top->home.resume_later(*this);
  }
  void await_resume() const noexcept {}
};

struct executor_awaiter {
  bool await_ready() const noexcept { return false; }
  template <class U> bool await_suspend(std::coroutine_handle<promise<U>> self) noexcept {
    home = &self.promise().top->home;
    return false; // it only looks
  }
  executor await_resume() const noexcept { return {home->run_by, home->id}; }
  scope* home = nullptr;
};

} // namespace detail

/// Run `f()` on the worker, in a later turn, as long as `to`'s connection is there; else `f` is destroyed, on whichever
/// thread. False if there is no memory, or `to` is of nothing. An exception from `f` is one from a task. [any]
template <class F> bool post(const executor& to, F f) {
  return detail::post_to(to, [f = std::move(f)](detail::scope&) mutable { f(); });
}

/// `co_await post()`: go on in a later turn, when others had theirs. [worker]
inline detail::yield_awaiter post() { return {}; }

namespace this_coro {
struct executor_t {
  detail::executor_awaiter operator co_await() const noexcept { return {}; }
};
/// `co_await this_coro::executor`: that of the connection or instance that the task belongs to.
inline constexpr executor_t executor;
} // namespace this_coro
} // namespace epollhost

#endif
