// Distributed under the Boost Software License, Version 1.0.
// One thread that waits for descriptors and times.
#ifndef EPOLLHOST_TEST_LOAD_REACTOR_HPP
#define EPOLLHOST_TEST_LOAD_REACTOR_HPP

#include <cstdint>
#include <set>
#include <utility>

namespace load {

/// Nanoseconds of the monotonic clock.
std::int64_t now_ns();

class handler {
public:
  virtual ~handler() = default;
  virtual void on_ready(std::uint32_t events) = 0;
  virtual void on_time() = 0;

private:
  friend class reactor;
  std::int64_t wake_ns_ = 0; // 0: not waiting
};

/// Level-triggered; knows no owner: a handler that ends says forget() first. Throws system_error.
class reactor {
public:
  reactor();
  ~reactor();
  reactor(const reactor&) = delete;
  reactor& operator=(const reactor&) = delete;

  void watch(handler& h, int fd, std::uint32_t events);
  void change(handler& h, int fd, std::uint32_t events);
  void unwatch(handler& h, int fd); ///< before the descriptor is closed; its events of this turn are dropped too
  void wake(handler& h, std::int64_t at_ns);
  void sleep(handler& h); ///< no time is waited for any more

  void run_once();

private:
  void run_timers();

  int fd_;
  std::set<std::pair<std::int64_t, handler*>> times_;
  std::set<handler*> gone_;
};

} // namespace load

#endif
