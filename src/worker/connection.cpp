// Distributed under the Boost Software License, Version 1.0.
// One connection: how it begins, its deadlines, and what a plugin asks of it.
#include "worker/connection.hpp"

#include "epollhost/deadline.hpp"
#include "worker/recorder.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <new>

namespace epollhost {

recorder* connection_context::recorder_of_now() const {
  return !in_hook || in_hook->is_recorded() ? recorder : nullptr;
}

std::size_t connection_state_at(const eh_hooks& hooks) {
  const std::size_t alignment = hooks.state_align;
  assert(std::has_single_bit(alignment)); // complete()
  return (sizeof(connection) + alignment - 1) & ~(alignment - 1);
}

std::size_t connection::record_bytes(const eh_hooks& hooks) { return connection_state_at(hooks) + hooks.state_size; }
std::size_t connection::record_alignment(const eh_hooks& hooks) {
  return std::max<std::size_t>(hooks.state_align, alignof(connection));
}

// Throws bad_alloc or length_error, with the descriptor left to the caller.
connection& connection::make(const connection_kind& kind, int fd) {
  void* const cell = kind.records.take();
  auto* const c = new (cell) connection(kind, fd);
  try {
    kind.shared.loop.remember(*c);
  } catch (...) {
    kind.records.give(cell);
    throw;
  }
  std::memset(c->state(), 0, kind.hooks.state_size);
  kind.shared.count_open(kind.shared.open + 1);
  return *c;
}

void connection::start(const connection_kind& kind, int fd) {
  net::unique_fd guard(fd);
  connection& c = make(kind, fd);
  guard.release();
  ++kind.shared.counters.accepted;
  if (kind.shared.recorder) [[unlikely]]
    c.set(recorded, kind.shared.recorder->accepted(c.id(), kind.arg, net::peer_endpoint(fd), net::local_endpoint(fd)));
  if (kind.shared.draining) [[unlikely]]
    c.drain(); // it waited in the queue of an address that goes away
  // A peer that speaks first has often spoken already: then the answer, and with HTTP/1.0 the close, comes before epoll
  // hears of the connection at all.
  c.call(hook::open, kind.arg);
}

connection& connection::prepare(const connection_kind& kind, bool is_recorded) {
  connection& c = make(kind, -1);
  c.phase_ = phase::connecting;
  c.set(recorded, is_recorded);
  c.set(readable, false); // a server that speaks first has seldom spoken by then; epoll will tell
  ++kind.shared.outgoing_open;
  ++kind.shared.counters.connects;
  return c;
}

void connection::established(int fd, std::uint64_t arg) {
  assert(phase_ == phase::connecting);
  fd_ = fd;
  phase_ = phase::open;
  if (has(drain_due | retire_due)) shared().loop.make_ready(*this);
  call(hook::open, arg);
}

void connection::discard() {
  assert(phase_ == phase::connecting);
  shared().count_open(shared().open - 1);
  --shared().outgoing_open;
  shared().loop.forget(*this);
  slab& records = kind_->records;
  this->~connection();
  records.give(this);
}

// ---- called by the loop

void connection::on_timer() {
  const std::int64_t now = shared().loop.now_ns();
  const std::int64_t send_timeout = shared().settings.limits.send_timeout.count();
  if (phase_ == phase::lingering && now >= deadline_ns_) return die(static_cast<eh_reason>(reason_), false);
  if (send_timeout > 0 && !queue_.empty() && now - queue_.progress_ns() >= send_timeout) {
    ++shared().counters.timed_out;
    return die(EH_REASON_TIMEOUT);
  }
  if (phase_ == phase::open && deadline_ns_ != 0 && now >= deadline_ns_) {
    deadline_ns_ = 0;
    call(hook::timer, 0);
  } else {
    arm(); // it was armed for an earlier deadline, which an activity has moved
  }
}

// EPOLLERR also announces what the error queue holds (time stamps, zero-copy completions): that is no error, and
// reading SO_ERROR first would clear a real one.
void connection::note_error() {
  if (error_queue_held()) return;
  set(hung_up | readable);
  const bool will_read = phase_ == phase::lingering || may_read();
  if (!will_read && take_error()) die(EH_REASON_RESET);
}

// ---- time

std::int64_t connection::next_deadline_ns() const {
  const std::int64_t send_timeout = shared().settings.limits.send_timeout.count();
  std::int64_t next = loop::timer_queue::never;
  if (phase_ != phase::closing && deadline_ns_ != 0) next = deadline_ns_;
  if (!queue_.empty() && send_timeout > 0) next = std::min(next, deadline_after(queue_.progress_ns(), send_timeout));
  return next;
}

// Lazily: a deadline that moves into the future is looked at when the timer fires for the old one.
void connection::arm() {
  if (deadline_ns_ == 0 && queue_.empty()) return;
  const std::int64_t next = next_deadline_ns();
  if (next < shared().loop.armed_for(*this)) shared().loop.arm(*this, next);
}

// ---- what a plugin asks of any connection

void connection::drain() {
  set(drain_due);
  shared().loop.make_ready(*this);
}

void connection::retire() {
  set(retire_due);
  shared().loop.make_ready(*this);
}

void connection::retire_if_idle() {
  if (phase_ != phase::open || !has(idle) || has(retire_due)) return;
  set(retire_due | only_idle);
  shared().loop.make_ready(*this);
}

eh_status connection::pause() {
  set(paused);
  return EH_OK;
}

eh_status connection::resume() {
  if (!has(paused)) return EH_OK;
  set(paused, false);
  shared().loop.make_ready(*this); // old bytes give no edge
  return EH_OK;
}

eh_status connection::set_option(std::uint32_t option, std::int64_t value) {
  const int v = static_cast<int>(std::clamp<std::int64_t>(value, 0, 1 << 30));
  net::error_code ec;
  switch (option) {
  case EH_SO_NODELAY: ec = net::set_nodelay(fd_, v != 0); break;
  case EH_SO_CORK: ec = net::set_cork(fd_, v != 0); break;
  case EH_SO_RCVBUF: ec = net::set_receive_buffer(fd_, v); break;
  case EH_SO_SNDBUF: ec = net::set_send_buffer(fd_, v); break;
  default: return EH_INVALID;
  }
  return ec ? EH_UNSUPPORTED : EH_OK;
}

} // namespace epollhost
