// Distributed under the Boost Software License, Version 1.0.
// One listening socket: Asio's acceptor, for a kind of connection.
#include "worker/listener.hpp"

#include "base/log.hpp"
#include "net/listen.hpp"

#include <algorithm>
#include <new>
#include <stdexcept>
#include <utility>

namespace epollhost {
namespace {

constexpr std::int64_t ms = 1'000'000;
constexpr std::int64_t least_rest_ns = 10 * ms, most_rest_ns = 100 * ms, second_ns = 1000 * ms;

} // namespace

listener::listener(const connection_kind& kind, int fd, std::size_t slot, bool was_leaving)
    : kind_(kind), fd_(fd), slot_(slot), was_leaving_(was_leaving) {
  kind_.shared.loop.remember(*this);
}

listener::~listener() {
  stop();
  kind_.shared.loop.forget(*this);
}

// The memory that a rest waits for, or a place among fs.epoll.max_user_watches, may still be missing.
void listener::watch() {
  if (const auto ec = kind_.shared.loop.watch_level(*this, fd_)) rest_a_while(ec.value());
}

void listener::start() {
  if (std::exchange(accepting_, true)) return;
  watch();
}

void listener::stop() {
  accepting_ = full_ = false;
  kind_.shared.loop.unwatch(*this, fd_);
  kind_.shared.loop.disarm(*this);
}

bool listener::empty_queue() {
  was_leaving_ = true;
  for (int left = kind_.shared.settings.backlog; left >= 0; --left)
    if (!accept_one()) return found_empty_;
  return false;
}

void listener::on_event(std::uint32_t) {
  const limits& bounds = kind_.shared.settings.limits;
  const std::size_t quota = quota_.now(bounds.accept_batch, kind_.shared.loop.turn_events());
  for (std::size_t i = 0; i < quota && accepting_; ++i) {
    if (kind_.shared.open - kind_.shared.outgoing_open >= bounds.max_connections) {
      full_ = true;
      kind_.shared.loop.unwatch(*this, fd_);
      return;
    }
    if (!accept_one()) return quota_.found_nobody(i);
  }
  quota_.took_all(bounds.accept_batch);
}

bool listener::accept_one() {
  const net::result r = net::accept(fd_);
  if (r < 0) {
    found_empty_ = net::would_block(r);
    if (!found_empty_) refused(static_cast<int>(-r));
    return false;
  }
  if (was_leaving_) [[unlikely]]
    net::hear_all_hops(static_cast<int>(r));
  try {
    connection::start(kind_, static_cast<int>(r));
  } catch (const std::bad_alloc&) {
    return rest_a_while(ENOMEM), false;
  } catch (const std::length_error&) {
    return rest_a_while(ENOMEM), false;
  }
  rest_ns_ = 0;
  return true;
}

// accept(2) passes on errors of the connection that it would have given: those end that one alone.
void listener::refused(int error) {
  switch (error) {
  case EMFILE:
  case ENFILE:
  case ENOBUFS:
  case ENOMEM: return rest_a_while(error);
  case ECONNABORTED:
  case EPROTO:
  case ENETDOWN:
  case ENOPROTOOPT:
  case EHOSTDOWN:
  case ENONET:
  case EHOSTUNREACH:
  case EOPNOTSUPP:
  case ENETUNREACH:
  case EPERM: return; // a firewall's rule
  default: return rest_a_while(error);
  }
}

void listener::rest_a_while(int error) {
  connection_context& s = kind_.shared;
  ++s.counters.accept_failures;
  rest_ns_ = std::clamp(rest_ns_ * 2, least_rest_ns, most_rest_ns);
  const std::int64_t now = s.loop.refresh_now_ns();
  try {
    if (accepting_) {
      s.loop.arm(*this, now + rest_ns_); // first: without it, there is no rest
      s.loop.unwatch(*this, fd_);
    }
    say_why_it_rests(error, now);
  } catch (const std::bad_alloc&) { // one line less, or no rest
  }
}

void listener::say_why_it_rests(int error, std::int64_t now) {
  if (last_said_ns_ != 0 && now - last_said_ns_ < second_ns) return;
  last_said_ns_ = now;
  const connection_context& s = kind_.shared;
  log::warning(s.settings.name,
               "cannot accept at {}: {}. {} connections are open; new ones wait in the listen queue. {} or lower "
               "--max-connections",
               to_string(net::local_endpoint(fd_)), net::error_code(error, boost::system::system_category()).message(),
               s.open,
               error == ENOSPC ? "Raise fs.epoll.max_user_watches with sysctl" : "Raise `ulimit -n`");
}

void listener::on_timer() { watch(); }

void listener::on_room() {
  if (std::exchange(full_, false)) watch();
}

} // namespace epollhost
