// Distributed under the Boost Software License, Version 1.0.
// One connection: how it lives, and its turns.
#include "worker/connection.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <new>

namespace epollhost {
namespace {

// The state lies behind the record, at the alignment that the plugin asked for. Each call of a hook asks for it, so it
// must not cost a division.
std::size_t state_offset(const eh_hooks& hooks) {
  const std::size_t alignment = hooks.state_align;
  assert(std::has_single_bit(alignment)); // complete()
  return (sizeof(connection) + alignment - 1) & ~(alignment - 1);
}

} // namespace

std::size_t connection::record_bytes(const eh_hooks& hooks) { return state_offset(hooks) + hooks.state_size; }
std::size_t connection::record_alignment(const eh_hooks& hooks) {
  return std::max<std::size_t>(hooks.state_align, alignof(connection));
}

void* connection::state() { return reinterpret_cast<char*>(this) + state_offset(kind_->hooks); }

void connection::start(const connection_kind& kind, int fd) {
  net::unique_fd guard(fd);
  void* const cell = kind.records.take();
  auto* const c = new (cell) connection(kind, fd);
  try {
    kind.shared.loop.remember(*c);
  } catch (...) {
    kind.records.give(cell);
    throw;
  }
  guard.release();
  std::memset(c->state(), 0, kind.hooks.state_size);
  ++kind.shared.open;
  ++kind.shared.counters.accepted;
  // A peer that speaks first has often spoken already: then the answer, and with HTTP/1.0 the close, comes before epoll
  // hears of the connection at all.
  c->turn([&] { c->call_with_tail(hook::open, kind.arg); });
}

// ---- called by the loop

void connection::on_event(std::uint32_t events) {
  if (events & (EPOLLRDHUP | EPOLLHUP)) set(hung_up);
  if (events & EPOLLHUP) set(peer_gone);
  if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP)) set(readable);
  if (events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) set(send_blocked, false);
  if (events & EPOLLERR) note_error();
  if (phase_ != phase::closed) run_turn();
}

void connection::on_ready() {
  if (phase_ == phase::closed)
    free_record();
  else if (has(retire_due))
    run_last_turn();
  else
    run_turn();
}

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
  if (net::drain_error_queue(fd_)) return;
  set(hung_up | readable);
  const bool will_read = phase_ == phase::lingering || may_read();
  if (!will_read && net::take_error(fd_)) die(EH_REASON_RESET);
}

// ---- a turn

// Everything that happens to a connection happens in a turn: what `first` does, then the input that is there, then one
// send for all the output, then what follows from it.
template <class First> void connection::turn(First first) {
  connection_context& s = shared();
  assert(!s.in_turn && s.window_used == 0);
  s.in_turn = this;
  s.turn_sent = 0;
  try {
    first();
    if (phase_ == phase::open) take_input();
    flush();
    settle();
  } catch (const std::bad_alloc&) {
    die(EH_REASON_SYSTEM);
  }
  uncork();
  s.in_turn = nullptr;
  s.window_used = 0;
  s.page.in_hook.store(hook::none, std::memory_order_relaxed);
}

void connection::run_turn() {
  turn([this] {
    if (!queue_.empty() && !has(send_blocked)) flush_queue();
    if (has(drain_due | room_due)) call_due_hooks();
    if (phase_ == phase::lingering) linger();
  });
}

// A request may lie in the socket that no event has told of. Only one that crosses our FIN finds nobody, and a close
// without a read before would have reset it.
void connection::run_last_turn() {
  set(readable);
  run_turn();
  if (phase_ == phase::open && has(readable) && may_read()) return; // its turn was cut short and comes again
  set(retire_due, false);
  if (phase_ != phase::open || !output_empty() || !tail_.empty() || has(paused | at_end)) return;
  turn([this] {
    set(linger_asked);
    begin_close(EH_REASON_DRAIN);
  });
}

void connection::call_due_hooks() {
  if (phase_ == phase::open && has(drain_due)) call_with_tail(hook::drain, 0);
  if (phase_ == phase::open && has(room_due)) call_with_tail(hook::room, 0);
  set(drain_due | room_due, false);
}

// What follows from the state that a turn has left.
void connection::settle() {
  if (phase_ == phase::open) {
    const bool told = has(end_told);
    if (told && !has(half_open) && !has(output_dead)) begin_close(EH_REASON_END);
    // Nobody is left who could take what a half-open plugin will say. A unix socket says so only once.
    else if ((told && has(peer_gone) && !has(finished)) || (has(output_dead) && !(has(readable) && may_read())))
      die(EH_REASON_RESET);
  }
  if (phase_ == phase::open && has(finish_asked) && !has(finished) && output_empty()) {
    net::shutdown_send(fd_);
    set(finished);
  }
  if (phase_ == phase::closing && output_empty()) finish_close();
  if (phase_ == phase::closed) return;
  update_interest();
  arm();
}

void connection::update_interest() {
  loop::io_context& loop = shared().loop;
  if (loop.trigger() == loop::trigger::level) return update_level_interest();
  if (loop.watched(*this) && !has(send_blocked)) return; // registered once
  if (loop.set_interest(*this, fd_, true, has(send_blocked))) die(EH_REASON_SYSTEM);
}

void connection::update_level_interest() {
  const bool read = phase_ == phase::lingering || may_read(), write = has(send_blocked);
  if (!read && !write && has(taken_out)) return;
  set(taken_out, false);
  if (shared().loop.set_interest(*this, fd_, read, write)) return die(EH_REASON_SYSTEM);
  // Hang-ups and errors cannot be masked. Whoever waits for nothing else has acted on them as far as one can.
  if (!read && !write && has(peer_gone)) {
    shared().loop.unwatch(*this, fd_);
    set(taken_out);
  }
}

// ---- time

std::int64_t connection::next_deadline_ns() const {
  const std::int64_t send_timeout = shared().settings.limits.send_timeout.count();
  std::int64_t next = loop::timer_queue::never;
  if (phase_ != phase::closing && deadline_ns_ != 0) next = deadline_ns_;
  if (!queue_.empty() && send_timeout > 0) next = std::min(next, queue_.progress_ns() + send_timeout);
  return next;
}

// Lazily: a deadline that moves into the future is looked at when the timer fires for the old one.
void connection::arm() {
  if (deadline_ns_ == 0 && queue_.empty()) return;
  const std::int64_t next = next_deadline_ns();
  if (next < shared().loop.armed_for(*this)) shared().loop.arm(*this, next);
}

// ---- what a plugin asks of any connection

void connection::call(hook which, std::uint64_t arg) {
  if (phase_ == phase::open) turn([&] { call_with_tail(which, arg); });
}

void connection::drain() {
  set(drain_due);
  shared().loop.make_ready(*this);
}

void connection::retire() {
  set(retire_due);
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
