// Distributed under the Boost Software License, Version 1.0.
// One connection: from the socket to the plugin's `data`.
#include "worker/connection.hpp"
#include "worker/connection_enter.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace epollhost {
namespace {

// A tail up to this size is put in front of the shared buffer, so that one read takes all there is; a larger one grows
// where it lies.
constexpr std::size_t small_tail = 8 * 1024;

} // namespace

bool connection::may_call() const {
  if (phase_ != phase::open || has(paused | relayed)) return false;
  if (has(above_high) && !(kind_->hooks.flags & EH_DUPLEX)) return false;
  // `data` never finds less room than EH_OUT_MIN, and what is queued never passes its limit.
  return queue_.empty() || queue_.bytes() + EH_OUT_MIN <= bounds().output_max;
}

void connection::take_input(turn_budget& left) {
  if (has(relayed)) return relay_input(left);
  if (!tail_.empty() || has(at_end)) {
    const std::size_t used = deliver(tail_.view(), left);
    tail_.consume(shared().pool, used);
  }
  read_until_short(left);
}

// A usual turn has read something else than a short message.
void connection::go_on_reading(net::result got, turn_budget& left) {
  set(readable);
  use_shared(got, 0, shared().read_bytes, left);
  read_until_short(left);
}

// In a usual turn, `data` has given an unusual answer, or called functions of the host.
void connection::go_on_delivering(eh_next answer, std::string_view in, turn_budget& left) {
  left.bytes -= std::min(left.bytes, in.size());
  --left.calls;
  const std::size_t used = after_data(answer, in, 0);
  keep_rest(in, used + deliver(in.substr(used), left));
  read_until_short(left);
}

// A short read ends the turn only if no event has said RDHUP, HUP or ERR: with data and FIN in one edge, nothing would
// ever announce the end of input that waits behind the data.
void connection::read_until_short(turn_budget& left) {
  while (has(readable) && may_call() && !has(at_end) && !wants_too_much()) {
    if (left.bytes == 0 || left.calls == 0) return shared().loop.make_ready(*this);
    if (tail_.size() <= small_tail)
      read_shared(left);
    else
      read_tail(left);
  }
}

bool connection::took(net::result n, std::size_t asked) {
  if (n > 0) {
    shared().counters.bytes_in += static_cast<std::uint64_t>(n);
    if (static_cast<std::size_t>(n) < asked && !has(hung_up)) set(readable, false);
    return true;
  }
  set(readable, false);
  if (n == 0 && !has(unclean)) return set(at_end), true;
  if (!net::would_block(n)) die(EH_REASON_RESET);
  return false;
}

void connection::read_shared(turn_budget& left) {
  connection_context& s = shared();
  const std::size_t old = tail_.size();
  if (old) std::memcpy(s.receive_buffer.get(), tail_.view().data(), old);
  const std::size_t asked = s.read_bytes - old;
  assert(asked > 0); // nobody may want more than input_max
  use_shared(receive(s.receive_buffer.get() + old, asked), old, asked, left);
}

// What a read has brought into the shared buffer, behind what was put there before.
void connection::use_shared(net::result n, std::size_t old, std::size_t asked, turn_budget& left) {
  if (!took(n, asked)) return;
  const auto got = static_cast<std::size_t>(n);
  left.bytes -= std::min(left.bytes, got);
  const std::string_view in(shared().receive_buffer.get(), old + got);
  keep_rest(in, deliver(in, left));
}

// The tail becomes what was not used.
void connection::keep_rest(std::string_view in, std::size_t used) {
  if (used == in.size())
    tail_.clear(shared().pool);
  else if (phase_ != phase::closed)
    tail_.assign(shared().pool, in.substr(used));
}

void connection::read_tail(turn_budget& left) {
  std::size_t room = 0;
  // Twice as large each time: a peer that promises much and sends little holds little.
  char* const at = tail_.reserve(shared().pool, std::min(tail_.size(), bounds().input_max - tail_.size()), room);
  const std::size_t asked = std::min(room, bounds().input_max - tail_.size());
  assert(asked > 0);
  const net::result n = receive(at, asked);
  if (!took(n, asked)) return;
  tail_.commit(static_cast<std::size_t>(n));
  left.bytes -= std::min(left.bytes, static_cast<std::size_t>(n));
  const std::size_t used = deliver(tail_.view(), left);
  tail_.consume(shared().pool, used);
}

bool connection::wants_call(std::size_t left) const { return has(at_end) ? !has(end_told) : left > 0 && left >= want_; }

// Whether a turn would read or deliver something, if `data` may be called.
bool connection::input_waits() const {
  if (has(readable) && !has(at_end)) return true;
  return (!tail_.empty() || has(at_end)) && wants_call(tail_.size());
}

// Calls `data` until it has what it wants, or waits for something. Answers how many bytes it consumed.
std::size_t connection::deliver(std::string_view in, turn_budget& left) {
  std::size_t used = 0;
  while (may_call() && wants_call(in.size() - used)) {
    if (left.calls == 0) {
      shared().loop.make_ready(*this);
      break;
    }
    --left.calls;
    if (window_room() < EH_OUT_MIN || held() > bounds().output_high) {
      flush(); // what the kernel does not take may be above the mark
      if (!may_call()) break;
    }
    const std::uint64_t written = shared().window_used + queue_.bytes() + queue_.file_bytes();
    const std::string_view rest = in.substr(used);
    used += after_data(enter(shared(), hook::data, 0, rest, has(at_end), window_room()), rest, written);
  }
  return used;
}

// `written` is what output there was before the call.
std::size_t connection::after_data(eh_next answer, std::string_view in, std::uint64_t written) {
  const std::size_t used = take_answer(answer, in.size());
  ++shared().counters.data_calls;
  check_progress(in.size() - used, used > 0 || shared().window_used + queue_.bytes() + queue_.file_bytes() != written);
  return used;
}

void connection::check_progress(std::size_t left, bool progress) {
  if (phase_ != phase::open) {
    if (left > 0 && !has(at_end)) set(linger_asked); // closing with unread bytes would reset what we said
    return;
  }
  if (has(at_end)) {
    if (!has(paused) && (left == 0 || !progress)) set(end_told);
    return;
  }
  if (has(relayed)) return; // by this call: what is left goes to the other side
  // One that is paused sees the same bytes again when it is resumed.
  if (!progress && !has(paused) && want_ <= left) want_ = left + 1;
  wants_too_much();
}

// Whether it can't get what it waits for; then it is closed. One that is paused waits for nothing.
bool connection::wants_too_much() {
  if (want_ <= bounds().input_max || !may_call()) return false;
  begin_close(EH_REASON_INPUT_MAX);
  return true;
}

} // namespace epollhost
