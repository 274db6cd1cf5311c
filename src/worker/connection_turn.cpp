// Distributed under the Boost Software License, Version 1.0.
// One connection: its turns.
#include "worker/connection.hpp"
#include "worker/connection_enter.hpp"
#include "worker/recorder.hpp"

#include <cassert>
#include <new>

namespace epollhost {

// ---- called by the loop

void connection::on_event(std::uint32_t events) {
  if (events == EPOLLIN && is_calm()) [[likely]]
    usual_turn();
  else
    unusual_turn(events);
}

void connection::on_ready() {
  if (has(recorded)) [[unlikely]]
    shared().recorder->calling();
  if (phase_ == phase::closed)
    free_record();
  else if (phase_ == phase::connecting)
    return; // what it was made ready for comes when it is open
  else if (has(retire_due))
    run_last_turn();
  else
    run_turn();
}

void connection::call(hook which, std::uint64_t arg) {
  if (phase_ != phase::open) return;
  if (has(recorded)) [[unlikely]]
    shared().recorder->calling();
  turn([&](turn_budget& left) {
    call_with_tail(which, arg);
    if (phase_ == phase::open) take_input(left);
  });
}

// ---- a turn

// Everything that happens to a connection happens in a turn: what `work` does, which is to take the input that is there
// at least, then one send for all the output, then what follows from it.
template <class Work> void connection::turn(Work work) {
  begin_turn(shared());
  finish_turn(work);
}

inline void connection::begin_turn(connection_context& s) {
  assert(!s.in_turn && s.window_used == 0 && s.turn_sent == 0);
  s.in_turn = this;
}

template <class Work> void connection::finish_turn(Work work) {
  connection_context& s = shared();
  turn_budget left{bounds().turn_bytes, bounds().turn_calls};
  try {
    work(left);
    flush();
    settle();
  } catch (const std::bad_alloc&) {
    die(EH_REASON_SYSTEM);
  }
  uncork();
  assert(s.window_used == 0);
  assert(phase_ != phase::closing || !queue_.empty()); // nothing would ever go on with it
  s.turn_sent = 0;
  end_turn(s);
}

inline void connection::end_turn(connection_context& s) {
  s.in_turn = nullptr;
  s.page.in_hook.store(hook::none, std::memory_order_relaxed);
}

// Whether there is nothing to do but to answer what comes.
inline bool connection::is_calm() const {
  assert(has(ending) == (phase_ != phase::open));
  assert(has(holding) || (queue_.empty() && tail_.empty()));
  return flags_ == 0;
}

// Nearly every turn: a message of which one read takes all, a call of `data` that uses all of that and goes on, and one
// send that the kernel takes whole. Where something else happens, the turn goes on from there as any other.
inline void connection::usual_turn() {
  connection_context& s = shared();
  begin_turn(s);
  const net::raw_result got = net::receive_raw(fd_, s.receive_buffer.get(), s.read_bytes);
  const auto size = static_cast<std::size_t>(got);
  if (got <= 0 || size >= s.read_bytes || size < want_) [[unlikely]]
    return turn_from_read(net::checked(got));
  s.page.counters.bytes_in += size;
  const eh_next answer =
      enter(s, hook::data, 0, {s.receive_buffer.get(), size}, false, connection_context::window_bytes);
  if (!is_calm() || !used_all(s, answer, size)) [[unlikely]]
    return turn_from_answer(answer, size);
  if (s.window_used != 0) {
    const net::raw_result sent = net::send_raw(fd_, s.window.get(), s.window_used);
    if (static_cast<std::size_t>(sent) != s.window_used) [[unlikely]]
      return turn_from_send(net::checked(sent));
    s.page.counters.bytes_out += s.window_used;
    s.window_used = 0;
  }
  end_turn(s);
}

// Take the usual answer of `data`, which has used all `size` bytes. False for any other, of which nothing is taken.
inline bool connection::used_all(connection_context& s, eh_next answer, std::size_t size) {
  const eh_io& io = s.io;
  const std::int64_t deadline = io.deadline_ns;
  const std::uint64_t out = io.out_used, want = io.want;
  if ((answer != EH_KEEP && (answer != EH_IDLE || s.draining)) || io.in_used != size || out > io.out_cap || want > s.read_bytes) return false;
  const bool sooner = deadline != 0 && (deadline_ns_ == 0 || deadline < deadline_ns_);
  if (sooner) return false; // what is armed would come too late
  s.window_used += out;
  want_ = want;
  deadline_ns_ = deadline;
  ++s.page.counters.data_calls;
  return true;
}

// ---- a turn that is not usual

// The read has brought an end, an error, more than the buffer holds, or less than `data` wants.
void connection::turn_from_read(net::result got) {
  finish_turn([&](turn_budget& left) { go_on_reading(got, left); });
}

// `data` has given an unusual answer, or called functions of the host.
void connection::turn_from_answer(eh_next answer, std::size_t size) {
  finish_turn([&](turn_budget& left) { go_on_delivering(answer, {shared().receive_buffer.get(), size}, left); });
}

// The kernel has not taken all.
void connection::turn_from_send(net::result sent) {
  finish_turn([&](turn_budget&) { note_sent(sent); });
}

void connection::unusual_turn(std::uint32_t events) {
  if (has(recorded)) [[unlikely]]
    shared().recorder->event(id(), events);
  if (events & (EPOLLRDHUP | EPOLLHUP)) set(hung_up);
  if (events & EPOLLHUP) set(peer_gone);
  if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP)) set(readable);
  if (events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) set(send_blocked, false);
  if (events & EPOLLERR) note_error();
  if (phase_ != phase::closed) run_turn();
}

void connection::run_turn() {
  turn([this](turn_budget& left) {
    if (!queue_.empty() && !has(send_blocked)) flush_queue();
    if (has(drain_due | room_due)) call_due_hooks();
    if (phase_ == phase::lingering) linger();
    if (phase_ == phase::open) take_input(left);
  });
}

// A request may lie in the socket that no event has told of. Only one that crosses our FIN finds nobody, and a close
// without a read before would have reset it.
void connection::run_last_turn() {
  set(readable);
  run_turn();
  if (phase_ == phase::open && has(readable) && may_read()) return; // its turn was cut short and comes again
  const bool is_due = !has(only_idle) || has(idle);
  set(retire_due | only_idle, false);
  if (!is_due || !is_at_rest()) return;
  turn([this](turn_budget&) {
    set(linger_asked);
    begin_close(EH_REASON_DRAIN);
  });
}

// Nothing is to be sent, to be delivered or to be waited for.
bool connection::is_at_rest() const {
  return phase_ == phase::open && output_empty() && tail_.empty() && !has(paused | at_end);
}

void connection::call_due_hooks() {
  const bool drain = has(drain_due), room = has(room_due);
  set(drain_due | room_due, false); // before: `room` may write above the mark, and the kernel take all that at once
  if (phase_ == phase::open && drain) call_with_tail(hook::drain, 0);
  if (phase_ == phase::open && room && !has(relayed)) call_with_tail(hook::room, 0);
}

// What follows from the state that a turn has left.
void connection::settle() {
  set(holding, !queue_.empty() || !tail_.empty());
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
  if (has(idle) && shared().idle_leaves && is_at_rest()) retire_if_idle();
  // The turn's own output held up its input, and has left since: no event tells of old bytes.
  if (may_call() && input_waits()) shared().loop.make_ready(*this);
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

} // namespace epollhost
