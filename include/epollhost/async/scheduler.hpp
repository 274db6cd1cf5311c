// Distributed under the Boost Software License, Version 1.0.
// Runs the coroutines of one instance, and ends them with what they belong to. Plugins may include this (through
// async.hpp).
#ifndef EPOLLHOST_ASYNC_SCHEDULER_HPP
#define EPOLLHOST_ASYNC_SCHEDULER_HPP

#include <epollhost/async/frame_pool.hpp>
#include <epollhost/async/operation.hpp>
#include <epollhost/detail/adapter.hpp>

#include <string_view>
#include <utility>

namespace epollhost::detail {

class scheduler;
struct scope;

/// The first coroutine of a task: nobody awaits it, a scope owns it. `waiter` is its frame.
struct root : operation {
  root(scope& home, std::coroutine_handle<> frame) : home(home) { waiter = frame; }

  struct sibling : link {
    explicit sibling(root& self) : self(self) {}
    root& self;
  };

  scope& home;
  sibling place{*this}; // among the roots of its scope
};

/// What tasks belong to: a connection, or the instance (id 0). They never outlive it.
struct scope {
  scope(scheduler& s, eh_conn_id id) : run_by(s), id(id) {}
  ~scope() { destroy_roots(); }

  void adopt(root& r) { roots.push(r.place); }

  /// Ends all tasks, wherever they wait.
  void destroy_roots() {
    while (!roots.empty()) destroy(roots.front().self);
  }

  inline void destroy(root& r);

  /// Resume `op` in a later turn, from a hook of this scope.
  void resume_later(operation& op) {
    later.push(op);
    call_soon();
  }

  /// Have a hook of this scope called, soon.
  inline void call_soon() noexcept;

  /// Called inside of a catch block: an exception leaves a task, or what was posted.
  inline void exception_left() noexcept;

  scheduler& run_by;
  const eh_conn_id id;
  list<root::sibling> roots;
  list<operation> later;
  root* first = nullptr;    ///< the one that `serve` made: the connection ends with it
  eh_io* in_hand = nullptr; ///< of the hook that is running, if it is one of this connection
  bool call_due = false;    ///< call_soon() was called and the hook has not come yet
  bool served = false;      ///< `first` has ended
  bool has_failed = false;  ///< an exception has left a task
};

/// Never resumes a coroutine from inside of another one, so the stack does not grow, whatever completes at once.
class scheduler {
public:
  /// Operations that complete at once in one hook, before others have their turn.
  static constexpr unsigned inline_completions_max = 256;

  explicit scheduler(const eh_host* host) : host(host) {}

  void begin_hook() { completions_left_ = inline_completions_max; }

  /// Whether one more operation may complete without suspending.
  bool may_complete() {
    if (completions_left_ == 0) return false;
    --completions_left_;
    return true;
  }

  /// Resume `coroutine`, and then all that became ready by it.
  void run(std::coroutine_handle<> coroutine) noexcept {
    for (;;) {
      coroutine.resume();
      if (finished_) reap();
      if (next_)
        coroutine = std::exchange(next_, {});
      else if (!ready_.empty())
        coroutine = ready_.pop().waiter;
      else
        return;
    }
  }
  void run_ready() noexcept {
    if (!ready_.empty()) run(ready_.pop().waiter);
  }

  /// As soon as the coroutine in hand has suspended.
  void run_next(std::coroutine_handle<> coroutine) { next_ = coroutine; }

  /// When those before it have suspended.
  void make_ready(operation& op) {
    op.unlink();
    ready_.push(op);
  }
  void make_ready(operation& op, int error) {
    op.error = error;
    make_ready(op);
  }

  /// The coroutine in hand was the last of a task.
  void finish(root& r) { finished_ = &r; }

  /// Whether these bytes are input that ends with the hook in hand.
  bool is_view(std::string_view bytes) const {
    return window && bytes.data() >= window->in && bytes.data() < window->in + window->in_len;
  }

  const eh_host* const host;
  const eh_io* window = nullptr; ///< of the hook in hand, whichever connection's it is
  scope instance{*this, 0};

private:
  void reap() {
    root& r = *std::exchange(finished_, nullptr);
    if (r.home.first == &r) {
      r.home.first = nullptr;
      r.home.served = true;
    }
    scope& home = r.home;
    home.destroy(r);
    if ((home.served || home.has_failed) && home.id && !home.in_hand) home.call_soon(); // there is an answer to give
  }

  unsigned completions_left_ = 0;
  std::coroutine_handle<> next_;
  root* finished_ = nullptr;
  list<operation> ready_;
};

inline void scope::destroy(root& r) {
  const auto frame = r.waiter;
  r.~root();
  give_frame(&r, sizeof(root));
  frame.destroy();
}

inline void scope::call_soon() noexcept {
  if (call_due) return;
  const eh_host* const host = run_by.host;
  const eh_status done = id ? host->wake(host, id, 0) : host->post(host, 0, 0, nullptr, nullptr);
  if (done == EH_NO_MEMORY && id) host->close(host, id, EH_ABORT); // nobody would ever wait for it again
  call_due = done == EH_OK;                                        // else the connection ends, and its tasks with it
}

/// The hook came that call_soon() has asked for.
inline void resume_due(scope& s) noexcept {
  s.call_due = false;
  while (!s.later.empty()) {
    s.run_by.make_ready(s.later.front());
  }
  s.run_by.run_ready();
}

inline void scope::exception_left() noexcept {
  try {
    throw;
  } catch (const stream_error&) {
  } catch (...) {
    log_exception(run_by.host, id ? "a coroutine" : "a coroutine of the instance");
    has_failed = true;
  }
}

} // namespace epollhost::detail

#endif
