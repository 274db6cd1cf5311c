// Distributed under the Boost Software License, Version 1.0.
// A small echo server, which can be wrong in one point.
#include "planted/mini_server.hpp"

#include "net/socket.hpp"

#include <array>
#include <utility>

namespace epollhost::test {

std::uint32_t mini_server::mask(bool out) const {
  const std::uint32_t edge = is(bug::hang_up_spins) ? 0 : std::uint32_t(EPOLLET);
  const std::uint32_t hang_up = is(bug::forgotten_rdhup) ? 0 : std::uint32_t(EPOLLRDHUP);
  return EPOLLIN | edge | hang_up | (out ? std::uint32_t(EPOLLOUT) : 0);
}

void mini_server::start(net::unique_fd accepted) {
  if (poller().add(accepted.get(), mask(false), next_)) return;
  connections_[next_++].fd = std::move(accepted);
}

void mini_server::end_connections() {
  while (!connections_.empty()) end(connections_.begin()->first, true);
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
    if (!c.waits_for_room && !is(bug::forgotten_out) && poller().modify(c.fd.get(), mask(true), n)) return false;
    c.waits_for_room = true;
    return true;
  }
  return true;
}

void mini_server::end(number n, bool reset) {
  const auto at = connections_.find(n);
  const int fd = at->second.fd.release();
  if (!is(bug::close_in_set)) poller().remove(fd);
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
