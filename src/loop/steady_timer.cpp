// Distributed under the Boost Software License, Version 1.0.
// A timer in Asio's words.
#include "loop/steady_timer.hpp"

#include "epollhost/deadline.hpp"
#include "net/clock.hpp"

#include <cassert>
#include <new>

namespace epollhost::loop {

steady_timer::~steady_timer() {
  try {
    cancel();
  } catch (const std::bad_alloc&) { // then nobody is told
  }
  context_.forget(*this);
}

std::size_t steady_timer::expires_at(time_point t) {
  const std::size_t cancelled = cancel();
  expiry_ = t;
  return cancelled;
}

std::size_t steady_timer::expires_after(duration d) {
  // Read the clock: the turn's own may be old, after a long call.
  return expires_at(time_point(duration(deadline_after(net::monotonic_ns(), d))));
}

void steady_timer::async_wait(handler h) {
  assert(!handler_);
  handler_ = std::move(h);
  context_.arm(*this, std::chrono::duration_cast<std::chrono::nanoseconds>(expiry_.time_since_epoch()).count());
}

std::size_t steady_timer::cancel() {
  if (!handler_) return 0;
  context_.disarm(*this);
  context_.post([h = std::exchange(handler_, nullptr)] {
    h(boost::system::errc::make_error_code(boost::system::errc::operation_canceled));
  });
  return 1;
}

void steady_timer::on_timer() { std::exchange(handler_, nullptr)({}); }

} // namespace epollhost::loop
