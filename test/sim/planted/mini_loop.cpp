// Distributed under the Boost Software License, Version 1.0.
// A small loop over src/net that accepts connections, which can be wrong in one point.
#include "planted/mini_loop.hpp"

#include "model/address.hpp"
#include "net/listen.hpp"

#include <signal.h>

#include <array>
#include <utility>

namespace epollhost::test {
namespace {

constexpr std::uint64_t of_listener = 0, of_signals = 1;
constexpr std::int64_t rest_ns = 10'000'000;
constexpr int signals[] = {SIGTERM};

} // namespace

mini_loop::mini_loop(bug planted, bool is_unix) : bug_(planted), signals_(signals) {
  net::error_code ec;
  listener_ = net::bind(model_address(is_unix), {}, ec);
  if (!ec) ec = net::listen(listener_.get(), 16);
  if (!ec) ec = poller_.add(signals_.get(), EPOLLIN, of_signals);
  if (ec) throw net::system_error(ec, "the mini loop");
  watch_listener();
}

mini_loop::~mini_loop() {
  if (signals_.get() >= 0) poller_.remove(signals_.get());
}

void mini_loop::run() {
  std::array<epoll_event, 8> events;
  while (!ending_) {
    const int n = poller_.wait(events, listening_ || given_up_ ? -1 : rest_ns);
    if (!listening_ && !given_up_) watch_listener();
    for (int i = 0; i < n && !ending_; ++i) {
      const epoll_event& e = events[static_cast<std::size_t>(i)];
      const std::uint64_t of = e.data.u64;
      if (of == of_signals)
        ending_ = signals_.read() == SIGTERM;
      else if (of == of_listener)
        accept();
      else
        event(of, e.events);
    }
  }
  end_connections();
  if (std::exchange(listening_, false)) poller_.remove(listener_.get());
  listener_.reset();
}

void mini_loop::watch_listener() {
  listening_ =
      !poller_.add(listener_.get(), EPOLLIN | (is(bug::accept_once) ? std::uint32_t(EPOLLET) : 0), of_listener);
}

void mini_loop::accept() {
  for (;;) {
    const net::result r = net::accept(listener_.get());
    if (r == -EMFILE || r == -ENFILE || r == -ENOBUFS || r == -ENOMEM) return cannot_accept();
    if (r < 0) return;
    start(net::unique_fd(static_cast<int>(r)));
    if (is(bug::accept_once)) return;
  }
}

void mini_loop::cannot_accept() {
  if (is(bug::accept_spins)) return;
  poller_.remove(listener_.get());
  listening_ = false;
  given_up_ = is(bug::accept_gives_up);
}

} // namespace epollhost::test
