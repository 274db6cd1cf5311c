// Distributed under the Boost Software License, Version 1.0.
// A small relay that splices, which can be wrong in one point.
#include "planted/mini_relay.hpp"

#include "net/connect.hpp"

#include <array>
#include <string>
#include <utility>

namespace epollhost::test {
namespace {

constexpr net::result most_at_once = 20'000;
constexpr std::uint32_t all = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

net::endpoint server_address() {
  std::string fault;
  return *net::parse_target("192.0.2.1:80", fault)->endpoint;
}

} // namespace

std::size_t mini_relay::open_connections() const {
  std::size_t out = pairs_.size();
  for (const auto& [n, p] : pairs_) out += p.connected;
  return out;
}

// ---- how a pair begins

// The client is looked at when its server is there.
void mini_relay::start(net::unique_fd accepted) {
  pair& p = pairs_[next_];
  p.client = std::move(accepted);
  net::result r = net::connect(server_address(), true, p.server);
  const std::uint32_t mask = is(bug::relay_unwatched) ? all & ~std::uint32_t(EPOLLOUT) : all;
  if (r == -EINPROGRESS && !poller().add(p.server.get(), mask, next_ + 1)) {
    next_ += 2;
    return;
  }
  p.server.reset();
  end(next_, true);
}

bool mini_relay::is_made(number n, pair& p) {
  if (p.connected) return true;
  if (net::finish_connect(p.server.get()) == 0) return p.connected = !poller().add(p.client.get(), all, n);
  if (!is(bug::relay_failed_twice)) return false;
  poller().remove(p.server.get());
  net::close(p.server.get());
  return false;
}

// ---- what is said

// An edge of one side may be what the other one waited for: both directions are looked at.
void mini_relay::event(number of, std::uint32_t bits) {
  const number n = of & ~number(1);
  const auto at = pairs_.find(n);
  if (at == pairs_.end()) return;
  pair& p = at->second;
  const int client = p.client.get(), server = p.server.get();
  if (!is_made(n, p)) return end(n, true);
  if (bits & EPOLLERR) net::drain_error_queue(of == n ? client : server);
  if (!pump(p.up, client, server) || !pump(p.down, server, client)) return end(n, true);
  if (p.up.ended && p.down.ended) end(n, false);
}

// Answers whether both sides live.
bool mini_relay::pump(direction& d, int from, int to) {
  while (!d.ended) {
    net::result r = drain(d, to);
    if (r < 0) return net::would_block(r);
    r = fill(d, from);
    if (r < 0) return net::would_block(r);
    if (r > 0 && is(bug::relay_short_splice) && r < most_at_once) return drain(d, to), true;
    if (r > 0) continue;
    d.ended = true;
    if (!is(bug::relay_lost_end)) net::shutdown_send(to);
  }
  return true;
}

// What is there moves into the pipe, or is copied where there is none. 0: the end of input.
net::result mini_relay::fill(direction& d, int from) {
  net::result r = d.pipe.fill(from, std::size_t(most_at_once));
  if (r == -EOPNOTSUPP || r == -EMFILE) {
    if (is(bug::relay_no_splice)) return r;
    std::array<char, std::size_t(most_at_once)> room;
    r = net::receive(from, room.data(), room.size());
    if (r > 0) d.copied.assign(room.data(), static_cast<std::size_t>(r));
    return r;
  }
  if (r > 0) d.piped = static_cast<std::size_t>(r);
  return r;
}

// All that it holds, before there is more: 0, or an error.
net::result mini_relay::drain(direction& d, int to) {
  while (d.piped > 0) {
    const net::result r = d.pipe.drain(to, d.piped);
    if (r < 0 && is(bug::relay_lost_pipe)) d.pipe.reset(), d.piped = 0;
    if (r < 0) return r;
    d.piped -= static_cast<std::size_t>(r);
  }
  while (!d.copied.empty()) {
    const net::result r = net::send(to, d.copied.data(), d.copied.size());
    if (r < 0) return r;
    d.copied.erase(0, static_cast<std::size_t>(r));
  }
  return 0;
}

// ---- how a pair ends

void mini_relay::end_connections() {
  while (!pairs_.empty()) end(pairs_.begin()->first, true);
}

void mini_relay::end(number n, bool reset) {
  pair& p = pairs_.at(n);
  const int server = p.server.get();
  end_side(p.server, true, reset);
  end_side(p.client, p.connected, reset);
  if (is(bug::relay_closed_twice) && p.connected) net::close(server);
  pairs_.erase(n);
}

void mini_relay::end_side(net::unique_fd& fd, bool watched, bool reset) {
  if (!fd) return;
  if (watched) poller().remove(fd.get());
  if (reset)
    net::abort(fd.release());
  else
    fd.reset();
}

} // namespace epollhost::test
