// Distributed under the Boost Software License, Version 1.0.
// Signals in Asio's words.
#include "loop/signal_set.hpp"

#include <cassert>
#include <utility>

namespace epollhost::loop {

signal_set::signal_set(io_context& context, std::initializer_list<int> signals)
    : context_(context), fd_({signals.begin(), signals.size()}) {
  context_.remember(*this);
  if (const auto ec = context_.watch_level(*this, fd_.get())) throw net::system_error(ec, "epoll_ctl of the signals");
}

signal_set::~signal_set() {
  context_.unwatch(*this, fd_.get());
  context_.forget(*this);
}

void signal_set::async_wait(handler h) {
  assert(!handler_);
  handler_ = std::move(h);
  // While nobody waited, the descriptor was out of the set (it is level-triggered and would spin).
  if (!context_.watched(*this)) {
    if (const auto ec = context_.watch_level(*this, fd_.get())) throw net::system_error(ec, "epoll_ctl of the signals");
  }
}

void signal_set::on_event(std::uint32_t) {
  if (!handler_) return context_.unwatch(*this, fd_.get());
  if (const int signal = fd_.read()) std::exchange(handler_, nullptr)({}, signal);
}

} // namespace epollhost::loop
