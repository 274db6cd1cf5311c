// Distributed under the Boost Software License, Version 1.0.
// One connection: from the socket to the plugin's `data`.
#include "worker/connection.hpp"

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
  if (phase_ != phase::open || has(paused)) return false;
  if (has(above_high) && !(kind_->hooks.flags & EH_DUPLEX)) return false;
  // `data` never finds less room than EH_OUT_MIN, and what is queued never passes its limit.
  return queue_.empty() || queue_.bytes() + EH_OUT_MIN <= bounds().output_max;
}

void connection::take_input() {
  std::size_t calls = 0;
  if (!tail_.empty() || has(at_end)) {
    const std::size_t used = deliver(tail_.view(), calls);
    tail_.consume(shared().pool, used);
  }
  read_until_short(calls);
}

// A short read ends the turn only if no event has said RDHUP, HUP or ERR: with data and FIN in one edge, nothing would
// ever announce the end of input that waits behind the data.
void connection::read_until_short(std::size_t& calls) {
  std::size_t left = bounds().turn_bytes;
  while (has(readable) && may_read()) {
    if (left == 0 || calls >= bounds().turn_calls) return shared().loop.make_ready(*this);
    const std::size_t got = tail_.size() <= small_tail ? read_shared(calls) : read_tail(calls);
    left -= std::min(left, got);
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

std::size_t connection::read_shared(std::size_t& calls) {
  char* const buffer = shared().receive_buffer.get();
  const std::size_t old = tail_.size();
  if (old) std::memcpy(buffer, tail_.view().data(), old);
  const std::size_t asked = std::min(connection_context::receive_bytes, bounds().input_max) - old;
  assert(asked > 0); // nobody may want more than input_max
  const net::result n = net::receive(fd_, buffer + old, asked);
  if (!took(n, asked)) return 0;
  const std::size_t total = old + static_cast<std::size_t>(n);
  const std::size_t used = deliver({buffer, total}, calls);
  if (used == total)
    tail_.clear(shared().pool);
  else if (phase_ != phase::closed)
    tail_.assign(shared().pool, {buffer + used, total - used});
  return static_cast<std::size_t>(n);
}

std::size_t connection::read_tail(std::size_t& calls) {
  std::size_t room = 0;
  // Twice as large each time: a peer that promises much and sends little holds little.
  char* const at = tail_.reserve(shared().pool, std::min(tail_.size(), bounds().input_max - tail_.size()), room);
  const std::size_t asked = std::min(room, bounds().input_max - tail_.size());
  assert(asked > 0);
  const net::result n = net::receive(fd_, at, asked);
  if (!took(n, asked)) return 0;
  tail_.commit(static_cast<std::size_t>(n));
  const std::size_t used = deliver(tail_.view(), calls);
  tail_.consume(shared().pool, used);
  return static_cast<std::size_t>(n);
}

bool connection::wants_call(std::size_t left) const { return has(at_end) ? !has(end_told) : left > 0 && left >= want_; }

// Calls `data` until it has what it wants, or waits for something. Answers how many bytes it consumed.
std::size_t connection::deliver(std::string_view in, std::size_t& calls) {
  std::size_t used = 0;
  while (may_call() && wants_call(in.size() - used)) {
    if (calls++ >= bounds().turn_calls) {
      shared().loop.make_ready(*this);
      break;
    }
    if (window_room() < EH_OUT_MIN) {
      flush();
      if (!may_call()) break;
    }
    const std::size_t written = shared().window_used + queue_.bytes();
    const std::size_t n = call_hook(hook::data, 0, in.substr(used));
    ++shared().counters.data_calls;
    used += n;
    check_progress(in.size() - used, n > 0 || shared().window_used + queue_.bytes() != written);
  }
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
  if (!progress && want_ <= left) want_ = left + 1;
  if (want_ > bounds().input_max && may_call()) begin_close(EH_REASON_INPUT_MAX);
}

} // namespace epollhost
