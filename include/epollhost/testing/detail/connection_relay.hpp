// Distributed under the Boost Software License, Version 1.0.
// One connection of the host in memory, as one side of a relay (src/worker/connection_relay.cpp).
#ifndef EPOLLHOST_TESTING_DETAIL_CONNECTION_RELAY_HPP
#define EPOLLHOST_TESTING_DETAIL_CONNECTION_RELAY_HPP

#include <epollhost/testing/detail/connection.hpp>

#include <algorithm>
#include <cerrno>
#include <string>

namespace epollhost::testing::detail {

inline eh_status connection::relay(connection& other) {
  constexpr std::uint32_t unfit = relayed | finish_asked;
  if (this == &other || !is_open() || !other.is_open() || has(unfit) || other.has(unfit)) return EH_INVALID;
  relay_ = &other;
  other.relay_ = this;
  for (connection* c : {this, &other}) {
    c->set(relayed | half_open);
    c->set(paused, false);
    c->moved_ns_ = shared_.loop.now_ns();
    shared_.loop.make_ready(*c);
  }
  return EH_OK;
}

inline std::int64_t connection::relay_moved_ns() const {
  if (!has(relayed)) return EH_INVALID;
  std::int64_t last = moved_ns_;
  for (const connection* c : {this, static_cast<const connection*>(relay_)})
    if (!c->queue_.empty()) last = std::max(last, c->queue_.progress_ns());
  return last;
}

inline bool connection::takes_relayed() const {
  return phase_ == phase::open && queue_.empty() && !has(send_blocked | output_dead | finish_asked);
}

inline bool connection::may_relay() const {
  return phase_ == phase::open && !has(paused | at_end) && relay_->takes_relayed();
}

inline void connection::relay_input() {
  connection& to = *relay_;
  if (takes_relayed() && to.has(relay_waits)) {
    to.set(relay_waits, false);
    shared_.loop.make_ready(to);
  }
  if (!tail_.empty() && !has(paused) && to.takes_relayed()) {
    to.send_relayed(tail_);
    tail_.clear();
  }
  for (std::size_t left = bounds().turn_bytes; has(relayed) && has(readable) && may_relay();) {
    if (left == 0) {
      shared_.loop.make_ready(*this);
      break;
    }
    left -= std::min(left, copy_some());
  }
  if (!has(relayed)) return; // one side has ended, and the other with it
  if (has(at_end) && tail_.empty()) pass_end();
  set(relay_waits, !to.takes_relayed() && (has(readable) || !tail_.empty()));
  to.settle();
}

inline void connection::pass_end() {
  connection& to = *relay_;
  set(end_told);
  to.set(finish_asked);
  if (!has(finish_asked)) return;
  set(half_open, false);
  to.set(half_open, false);
  shared_.loop.make_ready(to);
}

inline std::size_t connection::copy_some() {
  std::string bytes(std::min(context::receive_bytes, bounds().input_max), '\0');
  const std::int64_t n = socket().receive(bytes.data(), bytes.size());
  if (!took(n, bytes.size()) || n == 0) return 0;
  bytes.resize(static_cast<std::size_t>(n));
  moved_ns_ = relay_->moved_ns_ = shared_.loop.now_ns();
  relay_->send_relayed(bytes);
  return bytes.size();
}

inline void connection::send_relayed(std::string_view bytes) {
  const std::int64_t n = socket().send(bytes);
  if (n < 0 && n != -EAGAIN) return send_failed(n);
  const std::size_t taken = n > 0 ? static_cast<std::size_t>(n) : 0;
  if (socket().error) wire_changed();
  if (taken == bytes.size()) return;
  queue_.append(bytes.substr(taken), shared_.loop.now_ns());
  set(send_blocked);
}

inline void connection::leave_relay(eh_reason why, bool reset) {
  connection& other = *relay_;
  relay_ = other.relay_ = nullptr;
  set(relayed, false);
  other.set(relayed | relay_waits, false);
  want_ = other.want_ = 0;
  if (other.phase_ != phase::open) return;
  if (reset && !has(at_end)) return other.die(EH_REASON_RELAY);
  other.begin_close(why == EH_REASON_END ? EH_REASON_END : EH_REASON_RELAY);
  shared_.loop.make_ready(other);
}

} // namespace epollhost::testing::detail

#endif
