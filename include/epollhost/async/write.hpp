// Distributed under the Boost Software License, Version 1.0.
// Writing to a stream: what co_await waits for. Plugins may include this (through async.hpp).
#ifndef EPOLLHOST_ASYNC_WRITE_HPP
#define EPOLLHOST_ASYNC_WRITE_HPP

#include <epollhost/async/connection.hpp>

namespace epollhost::detail {

/// Copies the bytes into the output, and waits where more than the high mark is queued. What waiting needs is made only
/// then.
template <class Report> class write_awaiter {
public:
  write_awaiter(connection* on, std::string_view bytes, Report report) : on_(on), bytes_(bytes), report_(report) {}
  write_awaiter(const write_awaiter&) = delete;
  ~write_awaiter() {
    if (slow_) std::destroy_at(&op_);
  }

  bool await_ready() {
    if (!on_) [[unlikely]]
      return fail();
    const bool taken = on_->write_at_once(bytes_);
    if (taken && on_->run_by.complete()) [[likely]]
      return true;
    return go_on(taken);
  }

  template <class U> void await_suspend(std::coroutine_handle<promise<U>> self) {
    op_.waiter = self.address();
    if (op_.error != 0)
      self.promise().top->home.resume_later(op_);
    else if (over_)
      on_->resume_later(op_);
    else
      on_->wait_for_room(op_);
  }

  void await_resume() const { report_(slow_ ? op_.error : 0, "async_write"); }

private:
  [[gnu::noinline]] bool go_on(bool taken) {
    new (&op_) write_operation(taken ? std::string_view() : bytes_);
    slow_ = true;
    over_ = taken || on_->write(op_);
    return over_ && on_->run_by.complete();
  }
  [[gnu::cold, gnu::noinline]] bool fail() {
    new (&op_) write_operation(std::string_view());
    op_.error = ENOTCONN;
    slow_ = true;
    return false;
  }

  connection* const on_; ///< null: of no connection
  const std::string_view bytes_;
  union {
    write_operation op_;
  };
  bool slow_ = false;
  bool over_;
  [[no_unique_address]] const Report report_;
};

} // namespace epollhost::detail

#endif
