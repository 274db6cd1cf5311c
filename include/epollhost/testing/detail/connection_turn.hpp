// Distributed under the Boost Software License, Version 1.0.
// One connection of the host in memory: how it lives, and its turns (src/worker/connection.cpp).
#ifndef EPOLLHOST_TESTING_DETAIL_CONNECTION_TURN_HPP
#define EPOLLHOST_TESTING_DETAIL_CONNECTION_TURN_HPP

#include <epollhost/testing/detail/connection.hpp>

#include <algorithm>

namespace epollhost::testing::detail {

inline void connection::start(std::uint64_t arg) {
  shared_.loop.remember(*this);
  peer_->id = id();
  peer_->host = this;
  ++shared_.open;
  call(hook::open, arg);
}

inline void connection::prepare() {
  phase_ = phase::connecting;
  outgoing_ = true;
  set(readable, false);
  shared_.loop.remember(*this);
  peer_->id = id();
  peer_->host = this;
  ++shared_.open;
  ++shared_.outgoing_open;
}

inline void connection::established(std::uint64_t arg) {
  phase_ = phase::open;
  if (has(drain_due | retire_due)) shared_.loop.make_ready(*this);
  call(hook::open, arg);
}

// ---- called by the loop

inline void connection::on_event() {
  if (phase_ == phase::closed || phase_ == phase::connecting) return;
  const std::uint32_t events = socket().events();
  if (events & (wire::read_hung_up | wire::hung_up)) set(hung_up);
  if (events & wire::hung_up) set(peer_gone);
  if (events & (wire::readable | wire::read_hung_up | wire::hung_up)) set(readable);
  if (events & (wire::writable | wire::failed | wire::hung_up)) set(send_blocked, false);
  if (events & wire::failed) note_error();
  if (phase_ != phase::closed) run_turn();
}

inline void connection::on_ready() {
  if (phase_ == phase::closed)
    free_record();
  else if (phase_ == phase::connecting)
    return; // what it was made ready for comes when it is open
  else if (has(retire_due))
    run_last_turn();
  else
    run_turn();
}

inline void connection::on_timer() {
  const std::int64_t now = shared_.loop.now_ns();
  const std::int64_t send_timeout = bounds().send_timeout.count();
  if (phase_ == phase::lingering && now >= deadline_ns_) return die(reason_, false);
  if (send_timeout > 0 && !queue_.empty() && now - queue_.progress_ns() >= send_timeout) return die(EH_REASON_TIMEOUT);
  if (phase_ == phase::open && deadline_ns_ != 0 && now >= deadline_ns_) {
    deadline_ns_ = 0;
    call(hook::timer, 0);
  } else {
    arm();
  }
}

inline void connection::note_error() {
  set(hung_up | readable);
  const bool will_read = phase_ == phase::lingering || may_read();
  if (!will_read && socket().take_error()) die(EH_REASON_RESET);
}

// ---- a turn

template <class First> void connection::turn(First first) {
  shared_.in_turn = this;
  shared_.turn_sent = 0;
  first();
  if (phase_ == phase::open) take_input();
  flush();
  settle();
  shared_.in_turn = nullptr;
  shared_.window.clear();
}

inline void connection::run_turn() {
  turn([this] {
    if (!queue_.empty() && !has(send_blocked)) flush_queue();
    if (has(drain_due | room_due)) call_due_hooks();
    if (phase_ == phase::lingering) linger();
  });
}

inline void connection::run_last_turn() {
  set(readable);
  run_turn();
  if (phase_ == phase::open && has(readable) && may_read()) return;
  set(retire_due, false);
  if (phase_ != phase::open || !output_empty() || !tail_.empty() || has(paused | at_end)) return;
  turn([this] {
    set(linger_asked);
    begin_close(EH_REASON_DRAIN);
  });
}

inline void connection::call_due_hooks() {
  const bool drain = has(drain_due), room = has(room_due);
  set(drain_due | room_due, false); // before: `room` may write above the mark again
  if (phase_ == phase::open && drain) call_with_tail(hook::drain, 0);
  if (phase_ == phase::open && room && !has(relayed)) call_with_tail(hook::room, 0);
}

inline void connection::settle() {
  if (phase_ == phase::open) {
    const bool told = has(end_told);
    if (told && !has(half_open) && !has(output_dead))
      begin_close(EH_REASON_END);
    else if ((told && has(peer_gone) && !has(finished)) || (has(output_dead) && !(has(readable) && may_read())))
      die(EH_REASON_RESET);
  }
  if (phase_ == phase::open && has(finish_asked) && !has(finished) && output_empty()) {
    socket().shutdown_send();
    set(finished);
    if (socket().peer_finished) wire_changed(); // both directions are shut: epoll says so
  }
  const bool waits = has(readable) && !has(at_end);
  if (may_call() && (waits || ((!tail_.empty() || has(at_end)) && wants_call(tail_.size())))) shared_.loop.make_ready(*this);
  if (phase_ == phase::closing && output_empty()) finish_close();
  if (phase_ != phase::closed) arm();
}

// ---- time

inline std::int64_t connection::next_deadline_ns() const {
  const std::int64_t send_timeout = bounds().send_timeout.count();
  std::int64_t next = loop::never;
  if (phase_ != phase::closing && deadline_ns_ != 0) next = deadline_ns_;
  if (!queue_.empty() && send_timeout > 0) next = std::min(next, deadline_after(queue_.progress_ns(), send_timeout));
  return next;
}

inline void connection::arm() {
  if (deadline_ns_ == 0 && queue_.empty()) return;
  const std::int64_t next = next_deadline_ns();
  if (next < shared_.loop.armed_for(*this)) shared_.loop.arm(*this, next);
}

// ---- what a plugin asks of any connection

inline void connection::call(hook which, std::uint64_t arg) {
  if (phase_ == phase::open) turn([&] { call_with_tail(which, arg); });
}

inline void connection::drain() {
  set(drain_due);
  shared_.loop.make_ready(*this);
}

inline void connection::retire() {
  set(retire_due);
  shared_.loop.make_ready(*this);
}

inline eh_status connection::pause() {
  set(paused);
  return EH_OK;
}

inline eh_status connection::resume() {
  if (!has(paused)) return EH_OK;
  set(paused, false);
  shared_.loop.make_ready(*this);
  return EH_OK;
}

} // namespace epollhost::testing::detail

#endif
