// Distributed under the Boost Software License, Version 1.0.
// What a suspended coroutine waits for, and the error it may get. Plugins may include this (through async.hpp).
#ifndef EPOLLHOST_ASYNC_OPERATION_HPP
#define EPOLLHOST_ASYNC_OPERATION_HPP

#include <cerrno>
#include <coroutine>
#include <system_error>

namespace epollhost {

/// Thrown by an operation that did not do what it was asked for: its deadline passed, it was cancelled, the connection
/// is gone. One that leaves a task is no failure of the plugin: it ends that task, and with the connection's first task
/// the connection, in order.
class stream_error : public std::system_error {
public:
  using std::system_error::system_error;
};

namespace detail {

/// A place in a list; leaves it when it dies.
struct link {
  link* previous = nullptr;
  link* next = nullptr;

  link() = default;
  link(const link&) = delete;
  ~link() { unlink(); }

  bool linked() const { return next != nullptr; }
  void unlink() {
    if (!next) return;
    previous->next = next;
    next->previous = previous;
    previous = next = nullptr;
  }
};

/// First in, first out; owns nothing. Its items may go at any time.
template <class T> class list {
public:
  list() { head_.previous = head_.next = &head_; }
  ~list() {
    while (!empty()) pop();
    head_.previous = head_.next = nullptr;
  }
  list(const list&) = delete;

  bool empty() const { return head_.next == &head_; }
  T& front() { return static_cast<T&>(*head_.next); }

  void push(T& item) {
    link& l = item;
    l.previous = head_.previous;
    l.next = &head_;
    head_.previous->next = &l;
    head_.previous = &l;
  }

  T& pop() {
    T& item = front();
    static_cast<link&>(item).unlink();
    return item;
  }

private:
  link head_;
};

/// One co_await in progress. It lies in the frame of the coroutine that waits; so it is gone, and unlinked, before
/// that.
struct operation : link {
  void* waiter;  ///< the coroutine's address, once it waits
  int error = 0; ///< errno's number; 0: none

  void resume() const { std::coroutine_handle<>::from_address(waiter).resume(); }
};

[[noreturn, gnu::cold, gnu::noinline]] inline void throw_error(int error, const char* what) {
  throw stream_error(error, std::generic_category(), what);
}

/// What co_await does with an error: throws it, or puts it where the caller wants it.
struct throwing {
  void operator()(int error, const char* what) const {
    if (error != 0) [[unlikely]]
      throw_error(error, what);
  }
};
struct reporting {
  void operator()(int error, const char*) const { to.assign(error, std::generic_category()); }
  std::error_code& to;
};

} // namespace detail
} // namespace epollhost

#endif
