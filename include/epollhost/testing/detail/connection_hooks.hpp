// Distributed under the Boost Software License, Version 1.0.
// One connection of the host in memory: calling the plugin, and what it answers (src/worker/connection_hooks.cpp).
#ifndef EPOLLHOST_TESTING_DETAIL_CONNECTION_HOOKS_HPP
#define EPOLLHOST_TESTING_DETAIL_CONNECTION_HOOKS_HPP

#include <epollhost/testing/detail/connection.hpp>

#include <algorithm>
#include <exception>
#include <new>

namespace epollhost::testing::detail {

inline eh_hook connection::function_of(hook which) const {
  switch (which) {
  case hook::open: return hooks_.open;
  case hook::data: return hooks_.data;
  case hook::room: return hooks_.room;
  case hook::timer: return hooks_.timer;
  case hook::wake: return hooks_.wake;
  default: return hooks_.drain;
  }
}

inline std::size_t connection::window_room() const {
  const std::size_t window = context::window_bytes - shared_.window.size();
  if (queue_.empty()) return window;
  const std::size_t taken = queue_.bytes() + shared_.window.size();
  return std::min(window, bounds().output_max - std::min(bounds().output_max, taken));
}

// Each window is memory of its own, in this call only: to look beyond its end, or at it later, is a SIGSEGV.
inline void connection::open_windows(hook which, std::uint64_t arg, std::string_view in, guarded_block& input) {
  context& s = shared_;
  input = guarded_block(in.size());
  in.copy(input.data(), in.size());
  input.make_read_only();
  s.io_block = guarded_block(sizeof(eh_io), alignof(eh_io));
  s.io = new (s.io_block.data()) eh_io{};
  eh_io& io = *s.io;
  io.size = sizeof(eh_io);
  io.flags = (has(at_end) ? std::uint32_t(EH_IN_END) : 0) | (s.draining ? std::uint32_t(EH_DRAINING) : 0);
  io.conn = id();
  io.arg = arg;
  io.in = input.data();
  io.in_len = in.size();
  open_output();
  io.now_ns = s.loop.now_ns();
  io.want = which == hook::data || has(relayed) ? 0 : want_;
  io.deadline_ns = deadline_ns_;
  const auto at = [](const void* p) { return reinterpret_cast<std::uint64_t>(p); };
  s.record.input = {at(io.in), at(io.in) + io.in_len};
  s.record.state = {at(state_.data()), at(state_.data()) + state_.size()};
}

inline void connection::open_output() {
  context& s = shared_;
  s.out_block = guarded_block(window_room());
  std::fill_n(s.out_block.data(), s.chosen.fill ? s.out_block.size() : 0, static_cast<char>(s.chosen.fill));
  s.io->out = s.out_block.data();
  s.io->out_cap = s.out_block.size();
  s.io->out_used = 0;
  const auto begin = reinterpret_cast<std::uint64_t>(s.io->out);
  s.record.output = {begin, begin + s.io->out_cap};
}

inline void connection::close_windows(guarded_block&& input) {
  shared_.io = nullptr;
  for (guarded_block* b : {&input, &shared_.io_block, &shared_.out_block}) shared_.bury(std::move(*b));
}

// A C++ plugin that throws through the boundary ends the real host's worker; here it is a broken rule.
inline eh_next connection::enter(hook which) {
  context& s = shared_;
  s.in_hook = this;
  s.record.in = which;
  s.record.conn = id();
  ++s.record.calls;
  eh_next answer = EH_FAIL;
  try {
    answer = function_of(which)(s.instance, state_.data(), s.io);
  } catch (const std::exception& e) {
    breach("exception", std::string("the hook threw: ") + e.what() + "; catch it inside and answer EH_FAIL");
  } catch (...) {
    breach("exception", "the hook threw something that is no std::exception; catch it inside and answer EH_FAIL");
  }
  s.in_hook = nullptr;
  check_state();
  return answer;
}

inline std::size_t connection::call_hook(hook which, std::uint64_t arg, std::string_view in) {
  context& s = shared_;
  guarded_block input;
  open_windows(which, arg, in, input);
  const eh_next answer = enter(which);
  std::size_t used = 0;
  if (phase_ == phase::closed) {
    used = in.size();
  } else if (check_answer(answer)) {
    s.window.append(s.io->out, s.io->out_used);
    if (!has(relayed)) want_ = s.io->want;
    deadline_ns_ = s.io->deadline_ns;
    used = s.io->in_used;
    apply(answer);
    if (s.write_now) flush();
  }
  close_windows(std::move(input));
  s.record.in = hook::none;
  return used;
}

inline void connection::call_with_tail(hook which, std::uint64_t arg) {
  const std::size_t used = call_hook(which, arg, tail_);
  tail_.erase(0, used);
  wants_too_much();
}

inline bool connection::check_answer(eh_next answer) {
  constexpr eh_next known = EH_ACTION_MASK | EH_PAUSE | EH_HALF_OPEN | EH_FINISH | EH_LINGER | EH_IDLE;
  const eh_io& io = *shared_.io;
  if (io.in_used > io.in_len)
    breach("in-used", "in_used is " + std::to_string(io.in_used) + ", but there were " + std::to_string(io.in_len) +
                          " bytes of input; consume no more than in_len");
  else if (io.out_used > io.out_cap)
    breach("out-used", "out_used is " + std::to_string(io.out_used) + ", but there was room for " +
                           std::to_string(io.out_cap) + "; write no more than out_cap");
  else if ((answer & EH_ACTION_MASK) > EH_FAIL || (answer & ~known) != 0)
    breach("answer", "it answered " + std::to_string(answer) +
                         ", which is no eh_next; answer EH_KEEP, EH_CLOSE or EH_ABORT with known bits");
  else
    return true;
  return false;
}

// Behind the state lies a page that cannot be written; what its alignment leaves before that page, and what is before
// the state, must stay zero.
inline void connection::check_state() {
  const auto zero = [](char c) { return c == 0; };
  const char* const begin = state_.data();
  if (std::all_of(state_.slack_begin(), begin, zero) && std::all_of(state_.behind(), state_.accessible_end(), zero))
    return;
  std::fill(const_cast<char*>(state_.slack_begin()), const_cast<char*>(begin), '\0');
  std::fill(const_cast<char*>(state_.behind()), const_cast<char*>(state_.accessible_end()), '\0');
  breach("state-overflow", "memory around the connection's state was written; it has " + std::to_string(state_.size()) +
                               " bytes (state_size of its eh_hooks)");
}

inline void connection::breach(const char* rule, std::string what) {
  shared_.rules.note(rule, std::string(name_of(shared_.record.in)) + ": " + std::move(what));
  die(EH_REASON_CONTRACT);
}

inline void connection::apply(eh_next answer) {
  if (phase_ != phase::open || answer == EH_KEEP) return;
  if (answer & EH_PAUSE) set(paused);
  if (answer & EH_HALF_OPEN) set(half_open);
  if (answer & EH_FINISH) set(finish_asked);
  if (answer & EH_LINGER) set(linger_asked);
  switch (answer & EH_ACTION_MASK) {
  case EH_CLOSE: begin_close(EH_REASON_PLUGIN); break;
  case EH_ABORT: die(EH_REASON_PLUGIN); break;
  case EH_FAIL:
    ++shared_.failures;
    die(EH_REASON_FAILED);
    break;
  default: break;
  }
}

} // namespace epollhost::testing::detail

#endif
