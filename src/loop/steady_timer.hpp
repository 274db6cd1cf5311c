// Distributed under the Boost Software License, Version 1.0.
// A timer in Asio's words.
#ifndef EPOLLHOST_LOOP_STEADY_TIMER_HPP
#define EPOLLHOST_LOOP_STEADY_TIMER_HPP

#include "loop/io_context.hpp"

#include <boost/system/error_code.hpp>

#include <chrono>
#include <functional>

namespace epollhost::loop {

/// Waits for a time of CLOCK_MONOTONIC. One wait at a time. The handler is called by the loop, never inside a member
/// function; with operation_canceled if the wait was cancelled, by cancel(), by a new expiry or by the destructor,
/// which only drops it where there is no memory to call it later.
class steady_timer final : io_object {
public:
  using clock_type = std::chrono::steady_clock;
  using time_point = clock_type::time_point;
  using duration = clock_type::duration;
  using handler = std::function<void(boost::system::error_code)>;

  explicit steady_timer(io_context& context) : context_(context) {}
  ~steady_timer();

  time_point expiry() const { return expiry_; }

  /// Set the time; cancels a pending wait. Answers how many waits that were.
  std::size_t expires_at(time_point t);
  std::size_t expires_after(duration d);

  /// Call `h` once the time has passed, never earlier.
  void async_wait(handler h);

  /// The pending wait, if any, ends with operation_canceled. Answers how many waits that were.
  std::size_t cancel();

private:
  void on_timer() override;

  io_context& context_;
  time_point expiry_{};
  handler handler_;
};

} // namespace epollhost::loop

#endif
