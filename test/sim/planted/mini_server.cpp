// Distributed under the Boost Software License, Version 1.0.
// A small echo server over src/net with a loop of its own, which can be wrong in one point.
#include "planted/mini_server.hpp"

#include "model/address.hpp"
#include "net/socket.hpp"

#include <signal.h>

#include <array>
#include <iterator>
#include <utility>

namespace epollhost::test {
namespace {

constexpr std::uint64_t of_listener = 0, of_signals = 1;
constexpr std::int64_t rest_ns = 10'000'000;
constexpr int signals[] = {SIGTERM};

} // namespace

const char* to_string(bug b) {
  static constexpr const char* names[] = {"none",          "lost-edge",        "forgotten-rdhup", "lost-rest",
                                          "forgotten-out", "double-close",     "close-in-set",    "use-after-close",
                                          "accept-once",   "accept-gives-up",  "accept-spins",    "error-is-fatal",
                                          "hang-up-spins", "close-with-unread"};
  static_assert(std::size(names) == static_cast<std::size_t>(bug::count));
  return names[static_cast<std::size_t>(b)];
}

mini_server::mini_server(bug planted, bool is_unix) : bug_(planted), signals_(signals) {
  net::error_code ec;
  listener_ = net::bind(model_address(is_unix), {}, ec);
  if (!ec) ec = net::listen(listener_.get(), 16);
  if (!ec) ec = poller_.add(signals_.get(), EPOLLIN, of_signals);
  if (ec) throw net::system_error(ec, "the mini server");
  watch_listener();
}

mini_server::~mini_server() {
  if (signals_.get() >= 0) poller_.remove(signals_.get());
}

void mini_server::run() {
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
  end_all();
}

void mini_server::end_all() {
  while (!connections_.empty()) end(connections_.begin()->first, true);
  if (std::exchange(listening_, false)) poller_.remove(listener_.get());
  listener_.reset();
}

// ---- accepting

void mini_server::watch_listener() {
  listening_ =
      !poller_.add(listener_.get(), EPOLLIN | (is(bug::accept_once) ? std::uint32_t(EPOLLET) : 0), of_listener);
}

void mini_server::accept() {
  for (;;) {
    const net::result r = net::accept(listener_.get());
    if (r == -EMFILE || r == -ENFILE || r == -ENOBUFS || r == -ENOMEM) return cannot_accept();
    if (r < 0) return;
    start(static_cast<int>(r));
    if (is(bug::accept_once)) return;
  }
}

void mini_server::cannot_accept() {
  if (is(bug::accept_spins)) return;
  poller_.remove(listener_.get());
  listening_ = false;
  given_up_ = is(bug::accept_gives_up);
}

std::uint32_t mini_server::mask(bool out) const {
  const std::uint32_t edge = is(bug::hang_up_spins) ? 0 : std::uint32_t(EPOLLET);
  const std::uint32_t hang_up = is(bug::forgotten_rdhup) ? 0 : std::uint32_t(EPOLLRDHUP);
  return EPOLLIN | edge | hang_up | (out ? std::uint32_t(EPOLLOUT) : 0);
}

void mini_server::start(int fd) {
  net::unique_fd owned(fd);
  if (poller_.add(fd, mask(false), next_)) return;
  connections_[next_++].fd = std::move(owned);
}

// ---- one connection

void mini_server::event(number n, std::uint32_t bits) {
  const auto at = connections_.find(n);
  if (at == connections_.end()) return;
  connection& c = at->second;
  if (is(bug::hang_up_spins) && bits & EPOLLHUP) return;
  if (bits & EPOLLERR && !net::drain_error_queue(c.fd.get()) && is(bug::error_is_fatal)) return end(n, true);
  if (bits & EPOLLERR && is(bug::error_is_fatal)) return end(n, true);
  if (!read(c)) return end(n, true);
  if (!flush(n, c)) return end(n, true);
  const bool early = is(bug::close_with_unread) && !c.out.empty() && !c.at_end;
  if (early || (c.at_end && c.out.empty())) end(n, false);
}

// Answers whether the connection lives.
bool mini_server::read(connection& c) {
  std::array<char, 700> room;
  for (;;) {
    const net::result r = net::receive(c.fd.get(), room.data(), room.size());
    if (net::would_block(r)) return true;
    if (r < 0) return false;
    if (r == 0) return c.at_end = true;
    c.out.append(room.data(), static_cast<std::size_t>(r));
    if (is(bug::lost_edge)) return true;
    if (is(bug::forgotten_rdhup) && static_cast<std::size_t>(r) < room.size()) return true;
  }
}

bool mini_server::flush(number n, connection& c) {
  while (!c.out.empty()) {
    const net::result r = net::send(c.fd.get(), c.out.data(), c.out.size());
    if (r < 0 && !net::would_block(r)) return false;
    const std::size_t taken = r > 0 ? static_cast<std::size_t>(r) : 0;
    c.out.erase(0, taken);
    if (is(bug::lost_rest) && taken > 0) c.out.clear();
    if (taken > 0) continue;
    if (!c.waits_for_room && !is(bug::forgotten_out) && poller_.modify(c.fd.get(), mask(true), n)) return false;
    c.waits_for_room = true;
    return true;
  }
  return true;
}

void mini_server::end(number n, bool reset) {
  const auto at = connections_.find(n);
  const int fd = at->second.fd.release();
  if (!is(bug::close_in_set)) poller_.remove(fd);
  if (reset)
    net::abort(fd);
  else
    net::close(fd);
  if (is(bug::double_close)) net::close(fd);
  char byte;
  if (is(bug::use_after_close)) net::receive(fd, &byte, 1);
  connections_.erase(at);
}

} // namespace epollhost::test
