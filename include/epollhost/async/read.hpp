// Distributed under the Boost Software License, Version 1.0.
// Reading from a stream: what co_await waits for, and what it answers. Plugins may include this (through async.hpp).
#ifndef EPOLLHOST_ASYNC_READ_HPP
#define EPOLLHOST_ASYNC_READ_HPP

#include <epollhost/async/connection.hpp>
#include <epollhost/async/match.hpp>

#include <optional>
#include <span>

namespace epollhost::detail {

/// What all reads have in common. Lies in the frame of the coroutine that reads.
class read_awaiter_base : public read_operation {
public:
  template <class U> void await_suspend(std::coroutine_handle<promise<U>> self) {
    waiter = self;
    if (error != 0)
      self.promise().top->home.resume_later(*this);
    else
      on_.wait_for_input(*this, attempted_);
  }

protected:
  read_awaiter_base(connection& on, attempt_function f, std::error_code* report)
      : read_operation(f), on_(on), report_(report) {}
  ~read_awaiter_base() { on_.forget(*this); }

  /// Whether it can be tried at once. If it has failed already, `over` says whether it may say so at once.
  bool may_attempt(bool& over) {
    error = on_.has_reader() ? EINPROGRESS : on_.trouble();
    over = false;
    if (!on_.run_by.may_complete()) return false;
    over = error != 0;
    return attempted_ = !over && on_.in_hand;
  }

  connection& on_;
  const error_report report_;
  bool attempted_ = false;
};

/// Answers a view of the input: a message, or nothing at the end of input.
template <class Match> class read_view : public read_awaiter_base {
public:
  read_view(connection& on, Match match, std::size_t most, std::error_code* report)
      : read_awaiter_base(on, attempt_again, report), match_(std::move(match)), most_(most) {}

  bool await_ready() {
    bool over;
    return may_attempt(over) ? attempt_now() : over;
  }

  std::optional<std::string_view> await_resume() const {
    report_(error, Match::name);
    if (!found_.data()) return std::nullopt;
    return found_;
  }

private:
  static bool attempt_again(read_operation& op) { return static_cast<read_view&>(op).attempt_now(); }

  bool attempt_now() {
    const std::string_view in = on_.unread();
    const std::size_t length = match_(in, want);
    if (length <= in.size() && length <= most_) {
      found_ = {in.data() ? in.data() : "", length};
      on_.consume(length);
      return true;
    }
    if (std::min(length, in.size()) >= most_) return error = EMSGSIZE, true;
    return on_.at_end();
  }

  Match match_;
  const std::size_t most_;
  std::string_view found_;
};

/// Fills a buffer, and answers with how many bytes: fewer than asked for only at the end of input.
class read_copy : public read_awaiter_base {
public:
  read_copy(connection& on, std::span<char> to, bool all, std::error_code* report)
      : read_awaiter_base(on, attempt_again, report), to_(to), all_(all) {}

  bool await_ready() {
    bool over;
    return may_attempt(over) ? attempt_now() : over;
  }

  std::size_t await_resume() const {
    report_(error, all_ ? "async_read" : "async_read_some");
    return filled_;
  }

private:
  static bool attempt_again(read_operation& op) { return static_cast<read_copy&>(op).attempt_now(); }

  bool attempt_now() {
    const std::string_view in = on_.unread().substr(0, to_.size() - filled_);
    if (!in.empty()) std::memcpy(to_.data() + filled_, in.data(), in.size());
    on_.consume(in.size());
    filled_ += in.size();
    want = 1;
    return filled_ == to_.size() || (filled_ > 0 && !all_) || on_.at_end();
  }

  const std::span<char> to_;
  const bool all_;
  std::size_t filled_ = 0;
};

} // namespace epollhost::detail

#endif
