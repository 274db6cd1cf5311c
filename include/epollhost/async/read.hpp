// Distributed under the Boost Software License, Version 1.0.
// Reading from a stream: what co_await waits for, and what it answers. Plugins may include this (through async.hpp).
#ifndef EPOLLHOST_ASYNC_READ_HPP
#define EPOLLHOST_ASYNC_READ_HPP

#include <epollhost/async/connection.hpp>
#include <epollhost/async/match.hpp>

#include <cstring>
#include <optional>
#include <span>

namespace epollhost::detail {

/// What all reads have in common. Lies in the frame of the coroutine that reads.
class read_awaiter_base : public read_operation {
public:
  template <class U> void await_suspend(std::coroutine_handle<promise<U>> self) {
    waiter = self.address();
    if (error != 0)
      self.promise().top->home.resume_later(*this);
    else
      on_->wait_for_input(*this);
  }

protected:
  read_awaiter_base(connection* on, attempt_function f) : read_operation(f), on_(on) {}
  ~read_awaiter_base() {
    if (on_) on_->forget(*this);
  }

  /// Try it at once, if that is possible; answers whether it is over.
  template <class Attempt> bool start(Attempt attempt) {
    if (!on_) [[unlikely]]
      return error = ENOTCONN, false;
    if (on_->has_reader() || on_->trouble() != 0) [[unlikely]]
      error = on_->has_reader() ? EINPROGRESS : on_->trouble();
    scheduler& s = on_->run_by;
    if (!s.may_complete() || (error == 0 && !(on_->in_hand && attempt()))) return false;
    s.note_completion();
    return true;
  }

  connection* const on_; ///< null: of no connection
};

/// Answers a view of the input: a message, or nothing at the end of input.
template <class Match, class Report> class read_view : public read_awaiter_base {
public:
  read_view(connection* on, Match match, Report report)
      : read_awaiter_base(on, attempt_again), match_(std::move(match)), report_(report) {}

  bool await_ready() {
    return start([this] { return attempt_now(); });
  }

  std::optional<std::string_view> await_resume() const {
    report_(error, Match::name);
    if (length_ == incomplete) return std::nullopt;
    return std::string_view(at_, length_);
  }

private:
  static bool attempt_again(read_operation& op) { return static_cast<read_view&>(op).attempt_now(); }

  bool attempt_now() {
    const std::string_view in = on_->unread();
    const std::size_t length = match_(in, want);
    if (length <= in.size()) {
      at_ = in.data();
      length_ = length;
      on_->consume(length);
      return true;
    }
    if (length == too_long) return error = EMSGSIZE, true;
    return on_->at_end();
  }

  Match match_;
  const char* at_;
  std::size_t length_ = incomplete;
  [[no_unique_address]] const Report report_;
};

/// Fills a buffer, and answers with how many bytes: fewer than asked for only at the end of input.
template <class Report> class read_copy : public read_awaiter_base {
public:
  read_copy(connection* on, std::span<char> to, bool all, Report report)
      : read_awaiter_base(on, attempt_again), to_(to), all_(all), report_(report) {}

  bool await_ready() {
    return start([this] { return attempt_now(); });
  }

  std::size_t await_resume() const {
    report_(error, all_ ? "async_read" : "async_read_some");
    return filled_;
  }

private:
  static bool attempt_again(read_operation& op) { return static_cast<read_copy&>(op).attempt_now(); }

  bool attempt_now() {
    const std::string_view in = on_->unread().substr(0, to_.size() - filled_);
    if (!in.empty()) std::memcpy(to_.data() + filled_, in.data(), in.size());
    on_->consume(in.size());
    filled_ += in.size();
    want = 1;
    return filled_ == to_.size() || (filled_ > 0 && !all_) || on_->at_end();
  }

  const std::span<char> to_;
  const bool all_;
  std::size_t filled_ = 0;
  [[no_unique_address]] const Report report_;
};

} // namespace epollhost::detail

#endif
