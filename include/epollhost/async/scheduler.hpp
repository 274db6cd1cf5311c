// Distributed under the Boost Software License, Version 1.0.
// Runs the coroutines of one instance, and ends them with what they belong to. Plugins may include this (through
// async.hpp).
#ifndef EPOLLHOST_ASYNC_SCHEDULER_HPP
#define EPOLLHOST_ASYNC_SCHEDULER_HPP

#include <epollhost/async/frame_pool.hpp>
#include <epollhost/async/operation.hpp>
#include <epollhost/detail/adapter.hpp>

#include <cstdint>
#include <cstdio>
#include <string_view>
#include <utility>

namespace epollhost::detail {

class scheduler;
struct scope;

/// Arguments of timers, wakes and posts that are ours: their upper 16 bits, which no address has, tell them from those
/// that the author gives to the host's functions by himself.
struct own_argument {
  static constexpr std::uint64_t mark = std::uint64_t(0xe90c) << 48, mask = std::uint64_t(0xffff) << 48;
  static constexpr std::uint64_t call = mark; ///< what scope::call_soon() asks for
  static constexpr std::uint64_t post = 1;    ///< tells the address of a `posted` from that of a timer

  static std::uint64_t of(const void* address, std::uint64_t bits = 0) {
    return reinterpret_cast<std::uintptr_t>(address) | bits | mark;
  }
  static bool is(std::uint64_t arg) { return (arg & mask) == mark; }
  template <class T> static T& to(std::uint64_t arg) {
    return *reinterpret_cast<T*>(static_cast<std::uintptr_t>(arg & ~(mask | post)));
  }
};

/// The author has called the host's `wake`, `post` or `start_timer` for a coroutine, which has no hook.
[[gnu::cold, gnu::noinline]] inline void say_no_receiver(const eh_host* host, const char* what, std::uint64_t arg,
                                                         const char* remedy) {
  char line[256];
  const int length = std::snprintf(line, sizeof line, "%s with the argument %llu has no receiver; use %s", what,
                                   static_cast<unsigned long long>(arg), remedy);
  host->log(host, EH_LOG_ERROR, line, std::uint64_t(length));
}

/// The first coroutine of a task: nobody awaits it, a scope owns it. `waiter` is its frame.
struct root : operation {
  root(scope& home, std::coroutine_handle<> frame) : home(home) { waiter = frame.address(); }

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
  /// What the answer of a hook has to tell, beyond that the connection goes on and is read from.
  enum notice : std::uint8_t {
    served = 1,     // `first` has ended
    failed = 2,     // an exception has left a task
    pause = 4,      // nobody reads: the host shall not, either
    paused = 8,     // and it does not
    finishing = 16, // our FIN is to follow the output
    moved = 32,     // the deadline, when the host could not be told
    rests = 64      // that it is idle, where a task waits for a message: from `drain` on
  };
  std::uint8_t notices = 0;
  bool call_due = false; ///< call_soon() was called and the hook has not come yet
};

/// Never resumes a coroutine from inside of another one, so the stack does not grow, whatever completes at once.
class scheduler {
public:
  /// Operations that complete at once in one hook, before others have their turn.
  static constexpr unsigned inline_completions_max = 256;

  scheduler(const eh_host* host, std::int64_t output_high) : host(host), output_high(output_high) {}

  /// `io` is that of a connection's hook.
  void begin_hook(const eh_io* io) {
    completions_left_ = inline_completions_max;
    window_ = io;
  }

  /// Whether one more operation may complete without suspending; then it is counted.
  bool complete() {
    if (completions_left_ == 0) return false;
    --completions_left_;
    return true;
  }
  bool may_complete() const { return completions_left_ > 0; }
  void note_completion() { --completions_left_; }

  /// Resume who waits for `op`, and then all that became ready by it.
  void run(operation& op) noexcept {
    op.resume();
    if (more_) run_rest();
  }
  void run_ready() noexcept {
    if (more_) run_rest();
  }

  /// As soon as the coroutine in hand has suspended.
  void run_next(std::coroutine_handle<> coroutine) {
    next_ = coroutine;
    more_ = true;
  }

  /// When those before it have suspended.
  void make_ready(operation& op) {
    op.unlink();
    ready_.push(op);
    more_ = true;
  }
  void make_ready(operation& op, int error) {
    op.error = error;
    make_ready(op);
  }

  /// The coroutine in hand was the last of a task.
  void finish(root& r) {
    finished_ = &r;
    more_ = true;
  }

  /// Called inside of a catch block. In `run` it fails the worker.
  void instance_threw() noexcept {
    if (in_run)
      fail_run(host);
    else
      log_exception(host, "a coroutine of the instance");
  }

  /// Whether these bytes are input that ends with the hook in hand.
  bool is_view(std::string_view bytes) const {
    return window_ && bytes.data() >= window_->in && bytes.data() < window_->in + window_->in_len;
  }

  const eh_host* const host;
  const std::int64_t output_high;
  scope instance{*this, 0};
  bool in_run = false; ///< `run` of the class has not returned

private:
  [[gnu::noinline]] void run_rest() noexcept {
    for (;;) {
      if (finished_) reap();
      if (next_)
        std::exchange(next_, {}).resume();
      else if (!ready_.empty())
        ready_.pop().resume();
      else
        break;
    }
    more_ = false;
  }

  void reap() {
    root& r = *std::exchange(finished_, nullptr);
    if (r.home.first == &r) {
      r.home.first = nullptr;
      r.home.notices |= scope::served;
    }
    scope& home = r.home;
    home.destroy(r);
    if ((home.notices & (scope::served | scope::failed)) && home.id && !home.in_hand)
      home.call_soon(); // there is an answer to give
  }

  const eh_io* window_ = nullptr; // of the hook in hand, whichever connection's it is; stale between hooks
  unsigned completions_left_ = 0;
  bool more_ = false; // there is a next one, a finished or a ready one
  std::coroutine_handle<> next_;
  root* finished_ = nullptr;
  list<operation> ready_;
};

inline void scope::destroy(root& r) {
  const auto frame = std::coroutine_handle<>::from_address(r.waiter);
  r.~root();
  give_frame(&r, sizeof(root));
  frame.destroy();
}

inline void scope::call_soon() noexcept {
  if (call_due) return;
  const eh_host* const host = run_by.host;
  const eh_status done = id ? host->wake(host, id, own_argument::call)
                            : host->post(host, 0, own_argument::call, nullptr, nullptr);
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
    if (!id) run_by.instance_threw(); // no connection ends with it, which would tell
  } catch (...) {
    notices |= failed;
    if (id)
      log_exception(run_by.host, "a coroutine");
    else
      run_by.instance_threw();
  }
}

} // namespace epollhost::detail

#endif
