// Distributed under the Boost Software License, Version 1.0.
// One connection: how it ends.
#include "epollhost/deadline.hpp"
#include "worker/copied_process.hpp"
#include "worker/outgoing.hpp"
#include "worker/recorder.hpp"

#include <algorithm>

namespace epollhost {

// The plugin's part is over; what it has written still leaves.
void connection::begin_close(eh_reason why) {
  if (phase_ != phase::open) return;
  phase_ = phase::closing;
  set(ending);
  reason_ = static_cast<std::uint8_t>(why);
}

eh_status connection::close(eh_next how) {
  if (how == EH_ABORT || phase_ == phase::connecting) {
    die(EH_REASON_PLUGIN);
    return EH_OK;
  }
  if (how & EH_LINGER) set(linger_asked);
  begin_close(EH_REASON_PLUGIN);
  if (shared().in_turn != this) shared().loop.make_ready(*this); // its own turn does the rest
  return EH_OK;
}

// All output is with the kernel. Closing with unread input would send a reset, which can destroy the last answer on its
// way to the peer. So where the peer may still be sending, send the FIN, and read and drop until the peer's own.
void connection::finish_close() {
  if (!should_linger()) return die(static_cast<eh_reason>(reason_), false);
  phase_ = phase::lingering;
  net::shutdown_send(fd_);
  tail_.clear(shared().pool);
  want_ = bounds().linger_bytes;
  deadline_ns_ = deadline_after(shared().loop.now_ns(), bounds().linger_timeout);
  linger();
}

bool connection::should_linger() {
  if (has(at_end) || has(output_dead) || bounds().linger_timeout.count() == 0) return false;
  return has(linger_asked) || has(readable) || !tail_.empty() || has_unread();
}

// A short read says what there was then; a peer that goes on sending has sent more since. Whatever it is, it is
// dropped.
bool connection::has_unread() {
  const net::result n = receive(shared().receive_buffer.get(), connection_context::receive_bytes);
  if (n <= 0) return false;
  set(readable);
  return true;
}

void connection::linger() {
  std::size_t left = bounds().turn_bytes;
  while (has(readable) && left > 0) {
    const net::result n = receive(shared().receive_buffer.get(), connection_context::receive_bytes);
    if (net::would_block(n)) return set(readable, false);
    const std::size_t got = n > 0 ? static_cast<std::size_t>(n) : 0;
    if (got == 0 || got > want_) return die(static_cast<eh_reason>(reason_), false);
    want_ -= got;
    left -= std::min(left, got);
  }
  if (has(readable)) shared().loop.make_ready(*this);
}

// The descriptor and the id end here. The record stays until the loop's next turn: a hook, or a caller further up, may
// still hold it.
void connection::die(eh_reason why, bool reset) {
  if (phase_ == phase::closed) return;
  connection_context& s = shared();
  if (phase_ == phase::connecting) s.outgoing->forget(id());
  phase_ = phase::closed;
  set(ending);
  reason_ = static_cast<std::uint8_t>(why);
  if (has(relayed)) leave_relay(why, reset);
  if (why == EH_REASON_RESET) ++s.counters.reset_by_peer;
  s.loop.unwatch(*this, fd_); // before close: a duplicate of the descriptor would keep its events coming
  if (fd_ >= 0) reset ? net::abort(fd_) : net::close(fd_); // an outgoing one may have none yet
  fd_ = -1;
  s.loop.expire_id(*this);
  s.loop.disarm(*this);
  if (s.in_turn == this) s.window_used = 0;
  s.loop.make_ready(*this);
}

void connection::free_record() {
  connection_context& s = shared();
  queue_.clear(s.pool); // release functions run before `close`
  tail_.clear(s.pool);
  s.page.conn.store(id(), std::memory_order_relaxed);
  s.page.in_hook.store(hook::close, std::memory_order_relaxed);
  if (s.recorder) [[unlikely]]
    s.recorder->closed(id(), reason_); // also of a relay, of which nothing else is recorded
  kind_->hooks.close(s.instance, state(), reason_);
  end_if_copied(s, hook::close, id());
  s.page.in_hook.store(hook::none, std::memory_order_relaxed);
  s.loop.forget(*this);
  ++(kind_->outgoing ? s.counters.connects_closed : s.counters.closed);
  s.count_open(s.open - 1);
  if (kind_->outgoing) --s.outgoing_open;
  const loop::object_id gone = id();
  slab& records = kind_->records;
  this->~connection();
  records.give(this);
  if (s.on_freed) s.on_freed(s.worker, gone);
}

} // namespace epollhost
