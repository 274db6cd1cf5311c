// Distributed under the Boost Software License, Version 1.0.
// One connection: from the output window to the socket.
#include "net/file.hpp"
#include "worker/connection.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace epollhost {

bool connection::output_empty() const {
  return queue_.empty() && (shared().in_turn != this || shared().window_used == 0);
}

// One send for all that the turn has gathered.
void connection::flush() {
  connection_context& s = shared();
  if (phase_ == phase::closed) return;
  if (has(output_dead | finished)) { // nobody takes it any more, or it would follow our FIN
    s.window_used = 0;
    return;
  }
  if (!queue_.empty() || has(send_blocked)) { // also with nothing in the window: a large write went past it
    spill_window();
    if (!has(send_blocked))
      flush_queue();
    else
      note_high();
    return;
  }
  if (s.window_used == 0) return;
  cork();
  note_sent(send(s.window.get(), s.window_used));
}

// What the kernel has taken of the window; the rest is queued.
void connection::note_sent(net::result n) {
  connection_context& s = shared();
  if (n < 0 && !net::would_block(n)) return send_failed(n);
  const std::size_t taken = n > 0 ? static_cast<std::size_t>(n) : 0;
  s.counters.bytes_out += taken;
  if (taken < s.window_used) {
    queue_.append(s.pool, s.window.get() + taken, s.window_used - taken, s.loop.now_ns());
    set(send_blocked);
  }
  s.window_used = 0;
  note_marks();
}

// A release function may have written: its bytes are behind all that was queued.
void connection::spill_window() {
  connection_context& s = shared();
  queue_.append(s.pool, s.window.get(), s.window_used, s.loop.now_ns());
  s.window_used = 0;
}

void connection::flush_queue() {
  connection_context& s = shared();
  cork();
  std::size_t left = bounds().turn_bytes - std::min(bounds().turn_bytes, s.turn_sent);
  bool more = true;
  while (more && !queue_.empty() && left > 0) more = queue_.file_first() ? send_part(left) : send_bytes(left);
  if (s.window_used > 0) spill_window();
  if (!queue_.empty() && !has(send_blocked)) s.loop.make_ready(*this); // others have their turn first
  note_marks();
}

// One send of what lies in memory, up to the first file. Answers whether the next may follow at once.
bool connection::send_bytes(std::size_t& left) {
  std::array<iovec, 16> parts;
  const auto [count, file_follows] = queue_.gather(parts);
  std::size_t offered = 0;
  for (std::size_t i = 0; i < count; ++i) offered += parts[i].iov_len;
  const net::result n = send({parts.data(), count}, file_follows);
  if (n < 0 && !net::would_block(n)) return send_failed(n), false;
  const std::size_t taken = n > 0 ? static_cast<std::size_t>(n) : 0;
  if (taken) sent(taken, left);
  if (taken < offered) set(send_blocked);
  return taken == offered && phase_ != phase::closed; // a release function may have aborted us
}

void connection::sent(std::size_t taken, std::size_t& left) {
  connection_context& s = shared();
  queue_.consume(s.pool, taken, s.loop.now_ns());
  s.counters.bytes_out += taken;
  s.turn_sent += taken;
  left -= std::min(left, taken);
}

// The peer takes no more. What it had sent before may still wait to be read. The kernel tells an error once: after
// EPIPE the peer's FIN is behind those bytes, after any other there is only the hole that its reset has left.
void connection::send_failed(net::result error) {
  connection_context& s = shared();
  s.window_used = 0;
  set(output_dead); // before the release functions run: one that writes its next block must hear that it is over
  queue_.clear(s.pool);
  set(send_blocked, false);
  if (phase_ == phase::open && has(readable) && !has(paused) && !has(at_end)) {
    if (error != -EPIPE) set(unclean);
    set(above_high, false);
    shared().loop.make_ready(*this); // the output may have held up the reading of this turn, and no event comes again
    return;
  }
  die(EH_REASON_RESET);
}

// A file counts as above the mark until all of it has left, or a peer that asks for one after the other would have a
// descriptor open for each.
bool connection::note_high() {
  const bool high = queue_.bytes() > bounds().output_high || queue_.files() > 0;
  if (high) set(above_high);
  return high;
}

// Only after the kernel has taken something: a plugin whose write was refused below the low mark would be told of room
// that it was refused just now, again and again.
void connection::note_marks() {
  if (note_high() || !has(above_high) || queue_.bytes() > bounds().output_low) return;
  set(above_high, false);
  set(room_due);
  shared().loop.make_ready(*this);
}

void connection::cork() {
  connection_context& s = shared();
  if (!has(to_cork) || s.corked || s.in_turn != this) return;
  s.corked = true;
  net::set_cork(fd_, true); // a unix socket has none; there it changes nothing
}

void connection::uncork() {
  connection_context& s = shared();
  if (!s.corked) return;
  s.corked = false;
  if (phase_ != phase::closed) net::set_cork(fd_, false);
}

// What the hook in hand has written before it called us goes first.
bool connection::commit_window() {
  connection_context& s = shared();
  if (s.io.out_used > s.io.out_cap) return check_answer(EH_KEEP); // it says so, and resets the connection
  s.window_used += s.io.out_used;
  s.io.out_used = 0;
  return true;
}

template <class Append> eh_status connection::add_output(std::size_t len, Append append) {
  connection_context& s = shared();
  if (phase_ > phase::open || has(output_dead | finished)) return EH_GONE;
  const bool in_hand = s.in_hook == this;
  if (in_hand && !commit_window()) return EH_GONE;
  const bool fits = len <= bounds().output_max - std::min(bounds().output_max, held());
  if (fits) append();
  // Now, and not after the send: a plugin that saw queued() above the mark waits for `room`, though the kernel takes all at
  // once. So does one that was refused; only where nothing is held, nothing will ever make room.
  if (held() > bounds().output_high || queue_.files() > 0 || (!fits && held() > 0)) set(above_high);
  if (!queue_.empty()) set(holding);
  if (in_hand)
    renew_window();
  else if (s.in_turn != this)
    s.loop.make_ready(*this); // its own turn sends it
  return fits ? EH_OK : EH_OVER_LIMIT;
}

eh_status connection::write(const void* bytes, std::size_t len) {
  return add_output(len, [&] {
    connection_context& s = shared();
    if (s.in_turn == this && len <= connection_context::window_bytes - s.window_used) {
      std::memcpy(s.window.get() + s.window_used, bytes, len);
      s.window_used += len;
    } else {
      if (s.in_turn == this) spill_window();
      queue_.append(s.pool, bytes, len, s.loop.now_ns());
    }
  });
}

eh_status connection::send_file(int file, std::uint64_t offset, std::uint64_t len) {
  const std::int64_t size = net::regular_file_bytes(file);
  if (size < 0 || offset > static_cast<std::uint64_t>(size) || len > static_cast<std::uint64_t>(size) - offset)
    return EH_INVALID;
  if (queue_.files() >= bounds().output_files) return EH_OVER_LIMIT;
  return add_output(0, [&] {
    if (len == 0) return net::close(file);
    if (shared().in_turn == this) spill_window();
    queue_.append_file(shared().pool, file, offset, len, shared().loop.now_ns());
  });
}

eh_status connection::write_reference(const void* bytes, std::size_t len, eh_release release, void* context) {
  return add_output(len, [&] {
    if (shared().in_turn == this) spill_window();
    queue_.append_reference(shared().pool, bytes, len, release, context, shared().loop.now_ns());
  });
}

// The window of the call in hand begins behind what is committed.
void connection::renew_window() {
  connection_context& s = shared();
  s.io.out = s.window.get() + s.window_used;
  s.io.out_cap = window_room();
  s.io.out_used = 0;
}

// Output that lies in memory.
std::size_t connection::held() const {
  const connection_context& s = shared();
  return queue_.bytes() + (s.in_turn == this ? s.window_used : 0) + (s.in_hook == this ? s.io.out_used : 0);
}

std::uint64_t connection::queued() const { return held() + queue_.file_bytes(); }

} // namespace epollhost
