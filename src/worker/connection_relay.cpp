// Distributed under the Boost Software License, Version 1.0.
// One connection: as one side of a relay, what it receives is the other side's output.
#include "worker/connection.hpp"
#include "worker/recorder.hpp"

#include <algorithm>
#include <cassert>

namespace epollhost {
namespace {

// What moves at once: 64 KiB are received and sent. A side that has filled that, and whose other side took all of it,
// splices twice as much the next time, up to 1 MiB; one whose other side is slow has less and less on the way.
constexpr std::uint8_t copied_bits = 16, most_bits = 20;
static_assert(std::size_t(1) << most_bits == net::splice_pipe::bytes_max);

} // namespace

eh_status connection::relay(connection& other) {
  constexpr std::uint32_t unfit = relayed | finish_asked;
  if (this == &other || !is_open() || !other.is_open() || has(unfit) || other.has(unfit)) return EH_INVALID;
  relay_ = &other;
  other.relay_ = this;
  for (connection* c : {this, &other}) {
    if (c->has(recorded)) shared().recorder->relayed(c->id());
    c->set(recorded, false);
    c->set(relayed | half_open);
    c->set(paused, false);
    c->relay_bits_ = copied_bits;
    c->moved_ns_ = shared().loop.now_ns();
    shared().loop.make_ready(*c); // what lies there gives no event
  }
  return EH_OK;
}

void connection::note_moved() { moved_ns_ = relay_->moved_ns_ = shared().loop.now_ns(); }

// Also what the kernel takes of the rest that one side has queued.
std::int64_t connection::relay_moved_ns() const {
  if (!has(relayed)) return EH_INVALID;
  std::int64_t last = moved_ns_;
  for (const connection* c : {this, static_cast<const connection*>(relay_)})
    if (!c->queue_.empty()) last = std::max(last, c->queue_.progress_ns());
  return last;
}

// Nothing is read that the other side would have to queue, but for the rest of what it took in part.
bool connection::takes_relayed() const {
  return phase_ == phase::open && queue_.empty() && !has(send_blocked | output_dead | finish_asked);
}

bool connection::may_relay() const { return phase_ == phase::open && !has(paused | at_end) && relay_->takes_relayed(); }

void connection::relay_input(turn_budget& left) {
  connection& to = *relay_;
  if (takes_relayed() && to.has(relay_waits)) {
    to.set(relay_waits, false);
    shared().loop.make_ready(to);
  }
  if (!tail_.empty() && !has(paused) && to.takes_relayed()) {
    to.send_relayed(tail_.view());
    tail_.clear(shared().pool);
  }
  while (has(relayed) && has(readable) && may_relay()) {
    if (left.bytes == 0) {
      shared().loop.make_ready(*this);
      break;
    }
    if (relay_bits_ > copied_bits)
      splice_some(left);
    else
      copy_some(left);
  }
  if (!has(relayed)) return; // one side has ended, and the other with it
  if (has(at_end) && tail_.empty()) pass_end();
  set(relay_waits, !to.takes_relayed() && (has(readable) || !tail_.empty()));
  to.settle();
}

// Our input is over: the other side's FIN follows its output. When both have come so far, both are done.
void connection::pass_end() {
  connection& to = *relay_;
  set(end_told);
  to.set(finish_asked);
  if (!has(finish_asked)) return;
  set(half_open, false);
  to.set(half_open, false);
  shared().loop.make_ready(to);
}

void connection::copy_some(turn_budget& left) {
  connection_context& s = shared();
  const net::result n = net::receive(fd_, s.receive_buffer.get(), s.read_bytes);
  if (!took(n, s.read_bytes) || n == 0) return;
  const auto got = static_cast<std::size_t>(n);
  note_moved();
  left.bytes -= std::min(left.bytes, got);
  const bool all = relay_->send_relayed({s.receive_buffer.get(), got});
  if (all && got == s.read_bytes) relay_bits_ = copied_bits + 1;
}

void connection::splice_some(turn_budget& left) {
  connection_context& s = shared();
  const std::size_t asked = std::min(std::size_t(1) << relay_bits_, bounds().output_max);
  const net::result n = s.pipe.fill(fd_, asked);
  if (net::would_block(n)) return copy_some(left); // so it says also where an urgent byte is next
  if (n < 0 && n != -ECONNRESET) {                 // it cannot be spliced: copying finds out what it is
    relay_bits_ = copied_bits;
    return;
  }
  if (!took(n, 0) || n == 0) return; // not short by itself: the pipe may have been full
  const auto got = static_cast<std::size_t>(n);
  note_moved();
  left.bytes -= std::min(left.bytes, got);
  const bool all = relay_->splice_relayed(got);
  if (!has(relayed)) return; // it has ended us with itself, and why is in the place of the bits
  if (!all || got < asked / 2)
    --relay_bits_;
  else if (got == asked && relay_bits_ < most_bits)
    ++relay_bits_;
}

// True if the kernel took all.
bool connection::send_relayed(std::string_view bytes) {
  assert(queue_.empty());
  const net::result n = net::send(fd_, bytes.data(), bytes.size());
  if (n < 0 && !net::would_block(n)) return send_failed(n), false;
  const std::size_t taken = n > 0 ? static_cast<std::size_t>(n) : 0;
  shared().counters.bytes_out += taken;
  if (taken == bytes.size()) return true;
  queue_.append(shared().pool, bytes.data() + taken, bytes.size() - taken, shared().loop.now_ns());
  set(send_blocked);
  return false;
}

// The same for what lies in the pipe, which all relays share: it is empty afterwards, whichever way this ends. Bytes left
// in it would come out in another connection's stream.
bool connection::splice_relayed(std::size_t len) {
  connection_context& s = shared();
  const struct emptied {
    net::splice_pipe& pipe;
    const std::size_t& left;
    ~emptied() {
      if (left > 0) pipe.reset();
    }
  } at_the_end{s.pipe, len};
  while (len > 0) {
    const net::result n = s.pipe.drain(fd_, len);
    if (net::would_block(n)) break;
    if (n < 0) return send_failed(n), false;
    s.counters.bytes_out += static_cast<std::size_t>(n);
    len -= static_cast<std::size_t>(n);
  }
  const bool all = len == 0;
  while (len > 0) {
    const net::result n = s.pipe.take(s.receive_buffer.get(), std::min(len, connection_context::receive_bytes));
    assert(n > 0); // it was put there
    queue_.append(s.pool, s.receive_buffer.get(), static_cast<std::size_t>(n), s.loop.now_ns());
    len -= static_cast<std::size_t>(n);
    set(send_blocked);
  }
  return all;
}

// We end. What we have received to its end shall arrive; else the other side must not look complete.
void connection::leave_relay(eh_reason why, bool reset) {
  connection& other = *relay_;
  relay_ = other.relay_ = nullptr;
  set(relayed, false);
  other.set(relayed | relay_waits, false);
  want_ = other.want_ = 0;
  if (other.phase_ != phase::open) return;
  const bool lost = why == EH_REASON_SYSTEM; // bytes that were read and not passed on, for want of memory
  if (lost || (reset && !has(at_end))) return other.die(EH_REASON_RELAY);
  other.begin_close(why == EH_REASON_END ? EH_REASON_END : EH_REASON_RELAY); // both directions have ended, or one side
  shared().loop.make_ready(other);
}

} // namespace epollhost
