// Distributed under the Boost Software License, Version 1.0.
// An object of the loop whose calls are functions that the test sets.
#ifndef EPOLLHOST_TEST_SUPPORT_WATCHER_HPP
#define EPOLLHOST_TEST_SUPPORT_WATCHER_HPP

#include "loop/io_context.hpp"
#include "net/unique_fd.hpp"

#include <sys/socket.h>

#include <functional>
#include <stdexcept>
#include <utility>

namespace epollhost::test {

/// Owns its descriptor, if it has one. Leaves the loop when it dies.
class watcher final : public loop::io_object {
public:
  explicit watcher(loop::io_context& context, net::unique_fd fd = {}) : fd(std::move(fd)), context_(context) {
    context_.remember(*this);
  }
  ~watcher() {
    close();
    context_.forget(*this);
  }

  net::error_code watch(bool read = true, bool write = false) { return context_.watch(*this, fd.get(), read, write); }
  void close() {
    if (fd) context_.unwatch(*this, fd.get());
    fd.reset();
  }

  net::unique_fd fd;
  std::function<void(std::uint32_t)> event;
  std::function<void()> ready, timer;
  unsigned events = 0, readies = 0, timers = 0;
  std::uint32_t seen = 0; ///< all event bits so far

private:
  void on_event(std::uint32_t bits) override {
    ++events;
    seen |= bits;
    if (event) event(bits);
  }
  void on_ready() override {
    ++readies;
    if (ready) ready();
  }
  void on_timer() override {
    ++timers;
    if (timer) timer();
  }

  loop::io_context& context_;
};

/// Two connected unix sockets, non-blocking.
struct socket_pair {
  socket_pair() {
    int both[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, both) != 0)
      throw std::runtime_error("socketpair");
    ours.reset(both[0]);
    theirs.reset(both[1]);
  }
  net::unique_fd ours, theirs;
};

/// One turn of the loop, without waiting.
inline void turn(loop::io_context& context) {
  context.post([&context] { context.stop(); });
  context.run();
}

} // namespace epollhost::test

#endif
