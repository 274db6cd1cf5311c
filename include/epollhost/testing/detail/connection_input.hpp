// Distributed under the Boost Software License, Version 1.0.
// One connection of the host in memory: from the wire to `data` (src/worker/connection_input.cpp).
#ifndef EPOLLHOST_TESTING_DETAIL_CONNECTION_INPUT_HPP
#define EPOLLHOST_TESTING_DETAIL_CONNECTION_INPUT_HPP

#include <epollhost/testing/detail/connection.hpp>

#include <algorithm>

namespace epollhost::testing::detail {

inline bool connection::may_call() const {
  if (phase_ != phase::open || has(paused | relayed)) return false;
  if (has(above_high) && !(hooks_.flags & EH_DUPLEX)) return false;
  return queue_.empty() || queue_.bytes() + EH_OUT_MIN <= bounds().output_max;
}

inline void connection::take_input() {
  if (has(relayed)) return relay_input();
  std::size_t calls = 0;
  if (!tail_.empty() || has(at_end)) tail_.erase(0, deliver(std::string(tail_), calls));
  read_until_short(calls);
}

inline void connection::read_until_short(std::size_t& calls) {
  if (has(relayed)) return relay_input(); // a hook of this turn has asked for it
  std::size_t left = bounds().turn_bytes;
  while (has(readable) && may_call() && !has(at_end) && !wants_too_much()) {
    if (left == 0 || calls >= bounds().turn_calls) return shared_.loop.make_ready(*this);
    left -= std::min(left, read_some(calls));
  }
}

inline bool connection::took(std::int64_t n, std::size_t asked) {
  if (n > 0) {
    shared_.bytes_in += static_cast<std::uint64_t>(n);
    if (static_cast<std::size_t>(n) < asked && !has(hung_up)) set(readable, false);
    return true;
  }
  set(readable, false);
  if (n == 0 && !has(unclean)) return set(at_end), true;
  if (n != -EAGAIN) die(EH_REASON_RESET);
  return false;
}

// Up to 8 KiB are kept in front of what is read into the shared buffer; more grows where it lies, twice as large each
// time.
inline std::size_t connection::read_some(std::size_t& calls) {
  const std::size_t old = tail_.size();
  const std::size_t asked = old <= 8 * 1024 ? std::min(context::receive_bytes, bounds().input_max) - old
                                            : std::min(old, bounds().input_max - old);
  std::string all = tail_;
  all.resize(old + asked);
  const std::int64_t n = socket().receive(all.data() + old, asked);
  if (!took(n, asked)) return 0;
  all.resize(old + static_cast<std::size_t>(n));
  const std::size_t used = deliver(all, calls);
  if (phase_ != phase::closed) tail_ = all.substr(used);
  return static_cast<std::size_t>(n);
}

inline bool connection::wants_call(std::size_t left) const {
  return has(at_end) ? !has(end_told) : left > 0 && left >= want_;
}

inline std::size_t connection::deliver(std::string_view in, std::size_t& calls) {
  std::size_t used = 0;
  while (may_call() && wants_call(in.size() - used)) {
    if (calls++ >= bounds().turn_calls) {
      shared_.loop.make_ready(*this);
      break;
    }
    if (window_room() < EH_OUT_MIN || held() > bounds().output_high) {
      flush();
      if (!may_call()) break;
    }
    const std::uint64_t written = shared_.window.size() + queue_.bytes() + queue_.file_bytes();
    const std::size_t n = call_hook(hook::data, 0, in.substr(used));
    used += n;
    check_progress(in.size() - used, n > 0 || shared_.window.size() + queue_.bytes() + queue_.file_bytes() != written);
  }
  return used;
}

inline void connection::check_progress(std::size_t left, bool progress) {
  if (phase_ != phase::open) {
    if (left > 0 && !has(at_end)) set(linger_asked);
    return;
  }
  if (has(at_end)) {
    if (!has(paused) && (left == 0 || !progress)) set(end_told);
    return;
  }
  if (has(relayed)) return;
  if (!progress && !has(paused) && want_ <= left) want_ = left + 1;
  wants_too_much();
}

inline bool connection::wants_too_much() {
  if (want_ <= bounds().input_max || !may_call()) return false;
  begin_close(EH_REASON_INPUT_MAX);
  return true;
}

} // namespace epollhost::testing::detail

#endif
