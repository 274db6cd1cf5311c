// Distributed under the Boost Software License, Version 1.0.
// One connection of the host in memory: from the output window to the wire (src/worker/connection_output.cpp).
#ifndef EPOLLHOST_TESTING_DETAIL_CONNECTION_OUTPUT_HPP
#define EPOLLHOST_TESTING_DETAIL_CONNECTION_OUTPUT_HPP

#include <epollhost/testing/detail/connection.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace epollhost::testing::detail {

inline bool connection::output_empty() const {
  return queue_.empty() && (shared_.in_turn != this || shared_.window.empty());
}

inline void connection::flush() {
  context& s = shared_;
  if (phase_ == phase::closed) return;
  if (has(output_dead | finished)) return s.window.clear();
  if (!queue_.empty() || has(send_blocked)) {
    spill_window();
    if (!has(send_blocked))
      flush_queue();
    else
      note_high();
    return;
  }
  if (s.window.empty()) return;
  const std::int64_t n = socket().send(s.window);
  if (n < 0 && n != -EAGAIN) return send_failed(n);
  const std::size_t taken = n > 0 ? static_cast<std::size_t>(n) : 0;
  if (taken < s.window.size()) {
    queue_.append(std::string_view(s.window).substr(taken), s.loop.now_ns());
    set(send_blocked);
  }
  s.window.clear();
  note_marks();
  if (socket().error) wire_changed();
}

inline void connection::spill_window() {
  queue_.append(shared_.window, shared_.loop.now_ns());
  shared_.window.clear();
}

inline void connection::flush_queue() {
  context& s = shared_;
  std::size_t left = bounds().turn_bytes - std::min(bounds().turn_bytes, s.turn_sent);
  bool more = true;
  while (more && !queue_.empty() && left > 0) more = queue_.file_first() ? send_part(left) : send_bytes(left);
  if (!s.window.empty()) spill_window();
  if (!queue_.empty() && !has(send_blocked)) s.loop.make_ready(*this);
  note_marks();
  if (phase_ != phase::closed && socket().error) wire_changed();
}

inline bool connection::send_bytes(std::size_t& left) {
  if (!queue_.front_is_unchanged())
    shared_.rules.note("changed-reference", "bytes that were given to write_ref have changed before their release");
  const std::size_t offered = queue_.front().size();
  const std::int64_t n = socket().send(queue_.front());
  if (n > 0) queue_.consume(static_cast<std::size_t>(n), shared_.loop.now_ns());
  return sent(n, offered, left);
}

// Of a file (src/worker/connection_files.cpp).
inline bool connection::send_part(std::size_t& left) {
  std::string bytes;
  if (!queue_.read_file(bytes, std::min(left, context::window_bytes))) return die(EH_REASON_FILE), false;
  const std::int64_t n = socket().send(bytes);
  if (n > 0) queue_.consume_file(static_cast<std::size_t>(n), shared_.loop.now_ns());
  return sent(n, bytes.size(), left);
}

inline bool connection::sent(std::int64_t n, std::size_t offered, std::size_t& left) {
  if (n < 0 && n != -EAGAIN) return send_failed(n), false;
  const std::size_t taken = n > 0 ? static_cast<std::size_t>(n) : 0;
  shared_.turn_sent += taken;
  left -= std::min(left, taken);
  if (taken < offered) set(send_blocked);
  return taken == offered && phase_ != phase::closed;
}

inline void connection::send_failed(std::int64_t error) {
  shared_.window.clear();
  set(output_dead);
  queue_.clear();
  set(send_blocked, false);
  if (phase_ == phase::open && has(readable) && !has(paused) && !has(at_end)) {
    if (error != -EPIPE) set(unclean);
    set(above_high, false);
    return;
  }
  die(EH_REASON_RESET);
}

inline bool connection::note_high() {
  const bool high = queue_.bytes() > bounds().output_high || queue_.files() > 0;
  if (high) set(above_high);
  return high;
}

inline void connection::note_marks() {
  if (note_high() || !has(above_high) || queue_.bytes() > bounds().output_low) return;
  set(above_high, false);
  set(room_due);
  shared_.loop.make_ready(*this);
}

inline bool connection::commit_window() {
  context& s = shared_;
  if (s.io->out_used > s.io->out_cap) return check_answer(EH_KEEP);
  s.window.append(s.io->out, s.io->out_used);
  s.io->out_used = 0;
  return true;
}

template <class Append> eh_status connection::add_output(std::size_t len, Append append) {
  context& s = shared_;
  if (phase_ > phase::open || has(output_dead | finished)) return EH_GONE;
  const bool in_hand = s.in_hook == this;
  if (in_hand && !commit_window()) return EH_GONE;
  const bool fits = len <= bounds().output_max - std::min(bounds().output_max, held());
  if (fits) append();
  if (held() > bounds().output_high || queue_.files() > 0 || (!fits && held() > 0)) set(above_high);
  if (in_hand) {
    s.bury(std::move(s.out_block)); // the window that the hook knows is no more
    open_output();
  } else if (s.in_turn != this) {
    s.loop.make_ready(*this);
  }
  return fits ? EH_OK : EH_OVER_LIMIT;
}

inline eh_status connection::write(std::string_view bytes) {
  return add_output(bytes.size(), [&] {
    context& s = shared_;
    if (s.in_turn == this && bytes.size() <= context::window_bytes - s.window.size()) {
      s.window += bytes;
    } else {
      if (s.in_turn == this) spill_window();
      queue_.append(bytes, s.loop.now_ns());
    }
  });
}

inline eh_status connection::write_reference(std::string_view bytes, eh_release release, void* context) {
  return add_output(bytes.size(), [&] {
    if (shared_.in_turn == this) spill_window();
    queue_.append_reference(bytes, release, context, shared_.loop.now_ns());
  });
}

inline std::size_t connection::held() const {
  const context& s = shared_;
  return queue_.bytes() + (s.in_turn == this ? s.window.size() : 0) + (s.in_hook == this ? s.io->out_used : 0);
}

inline std::uint64_t connection::queued() const { return held() + queue_.file_bytes(); }

inline eh_status connection::send_file(int file, std::uint64_t offset, std::uint64_t len) {
  struct stat about {};
  if (::fstat(file, &about) != 0 || !S_ISREG(about.st_mode)) return EH_INVALID;
  const auto size = static_cast<std::uint64_t>(about.st_size);
  if (offset > size || len > size - offset) return EH_INVALID;
  if (queue_.files() >= bounds().output_files) return EH_OVER_LIMIT;
  return add_output(0, [&] {
    if (len == 0) return static_cast<void>(::close(file)); // it was given to us
    if (shared_.in_turn == this) spill_window();
    queue_.append_file(file, offset, len, shared_.loop.now_ns());
  });
}

} // namespace epollhost::testing::detail

#endif
