// Distributed under the Boost Software License, Version 1.0.
// One connection of the host in memory: how it ends (src/worker/connection_end.cpp).
#ifndef EPOLLHOST_TESTING_DETAIL_CONNECTION_END_HPP
#define EPOLLHOST_TESTING_DETAIL_CONNECTION_END_HPP

#include <epollhost/testing/detail/connection.hpp>

#include <algorithm>
#include <array>
#include <exception>

namespace epollhost::testing::detail {

inline void connection::begin_close(eh_reason why) {
  if (phase_ != phase::open) return;
  phase_ = phase::closing;
  reason_ = why;
}

inline eh_status connection::close(eh_next how) {
  if (how == EH_ABORT || phase_ == phase::connecting) {
    die(EH_REASON_PLUGIN);
    return EH_OK;
  }
  if (how & EH_LINGER) set(linger_asked);
  begin_close(EH_REASON_PLUGIN);
  if (shared_.in_turn != this) shared_.loop.make_ready(*this);
  return EH_OK;
}

inline void connection::finish_close() {
  if (!should_linger()) return die(reason_, false);
  phase_ = phase::lingering;
  socket().shutdown_send();
  tail_.clear();
  want_ = bounds().linger_bytes;
  deadline_ns_ = deadline_after(shared_.loop.now_ns(), bounds().linger_timeout);
  linger();
}

inline bool connection::should_linger() const {
  if (has(at_end) || has(output_dead) || bounds().linger_timeout.count() == 0) return false;
  return has(linger_asked) || has(readable) || !tail_.empty();
}

inline void connection::linger() {
  std::size_t left = bounds().turn_bytes;
  while (has(readable) && left > 0) {
    std::array<char, context::receive_bytes> dropped;
    const std::int64_t n = socket().receive(dropped.data(), dropped.size());
    if (n == -EAGAIN) return set(readable, false);
    const std::size_t got = n > 0 ? static_cast<std::size_t>(n) : 0;
    if (got == 0 || got > want_) return die(reason_, false);
    want_ -= got;
    left -= std::min(left, got);
  }
  if (has(readable)) shared_.loop.make_ready(*this);
}

inline void connection::die(eh_reason why, bool reset) {
  if (phase_ == phase::closed) return;
  if (phase_ == phase::connecting) shared_.forget_dial(*this);
  phase_ = phase::closed;
  reason_ = why;
  if (has(relayed)) leave_relay(why, reset);
  if (reset)
    socket().abort();
  else
    socket().close();
  shared_.loop.expire_id(*this);
  shared_.loop.disarm(*this);
  if (shared_.in_turn == this) shared_.window.clear();
  shared_.loop.make_ready(*this);
}

inline void connection::free_record() {
  context& s = shared_;
  queue_.clear(); // release functions run before `close`
  tail_.clear();
  s.record.in = hook::close;
  s.record.conn = id();
  try {
    hooks_.close(s.instance, state_.data(), reason_);
  } catch (const std::exception& e) {
    s.rules.note("exception", std::string("close: the hook threw: ") + e.what() + "; catch it inside");
  } catch (...) {
    s.rules.note("exception", "close: the hook threw something that is no std::exception; catch it inside");
  }
  s.record.in = hook::none;
  s.loop.forget(*this);
  s.bury(std::move(state_));
  --s.open;
  if (outgoing_) --s.outgoing_open;
  peer_->freed = true;
  peer_->reason = reason_;
  peer_->host = nullptr;
  s.on_freed(*this); // ends this object
}

} // namespace epollhost::testing::detail

#endif
