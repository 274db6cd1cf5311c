// Distributed under the Boost Software License, Version 1.0.
// One connection: calling the plugin, and what it answers.
#include "base/log.hpp"
#include "worker/connection.hpp"
#include "worker/connection_enter.hpp"

#include <algorithm>
#include <cassert>

namespace epollhost {

// Room for output that is neither beyond the window nor beyond the limit of what may be queued.
std::size_t connection::window_room() const {
  const connection_context& s = shared();
  const std::size_t window = connection_context::window_bytes - s.window_used;
  if (queue_.empty()) return window;
  const std::size_t taken = queue_.bytes() + s.window_used;
  return std::min(window, bounds().output_max - std::min(bounds().output_max, taken));
}

// Answers how many of the `given` bytes of input the call has consumed.
std::size_t connection::take_answer(eh_next answer, std::size_t given) {
  connection_context& s = shared();
  if (phase_ == phase::closed) return given; // a call has aborted it, or has found a breach: one is enough
  if (!check_answer(answer)) return 0;
  const eh_io& io = s.io;
  s.window_used += io.out_used;
  if (!has(relayed)) want_ = io.want;
  deadline_ns_ = io.deadline_ns;
  const std::size_t used = io.in_used;
  apply(answer);
  if (s.settings.policy == write_policy::now) flush();
  return used;
}

// For all hooks but `data`: what it left lies in the tail.
void connection::call_with_tail(hook which, std::uint64_t arg) {
  const std::string_view in = tail_.view();
  const std::size_t used = take_answer(enter(shared(), which, arg, in, has(at_end), window_room()), in.size());
  if (used) tail_.consume(shared().pool, used);
  wants_too_much();
}

// Never trust what comes back.
bool connection::check_answer(eh_next answer) {
  constexpr eh_next known = EH_ACTION_MASK | EH_PAUSE | EH_HALF_OPEN | EH_FINISH | EH_LINGER | EH_IDLE;
  const eh_io& io = shared().io;
  if (io.in_used > io.in_len)
    breach(fmt::format("in_used is {}, but there were {} bytes of input; consume no more than in_len", io.in_used,
                       io.in_len));
  else if (io.out_used > io.out_cap)
    breach(
        fmt::format("out_used is {}, but there was room for {}; write no more than out_cap", io.out_used, io.out_cap));
  else if ((answer & EH_ACTION_MASK) > EH_FAIL || answer & ~known)
    breach(fmt::format("it answered {:#x}, which is no eh_next; answer EH_KEEP, EH_CLOSE or EH_ABORT with known bits",
                       answer));
  else
    return true;
  return false;
}

void connection::breach(std::string_view what) {
  ++shared().counters.contract_breaches;
  log::error(shared().settings.name, "the plugin broke its contract on connection {:#x}: {}. The connection is reset",
             id(), what);
  die(EH_REASON_CONTRACT);
}

void connection::apply(eh_next answer) {
  set(idle, (answer & EH_IDLE) && shared().draining); // at other times it would only make each turn an unusual one
  if (phase_ != phase::open || answer == EH_KEEP) return; // a call may have asked for the end already
  if (answer & EH_PAUSE) set(paused);
  if (answer & EH_HALF_OPEN) set(half_open);
  if (answer & EH_FINISH) set(finish_asked);
  if (answer & EH_LINGER) set(linger_asked);
  switch (answer & EH_ACTION_MASK) {
  case EH_CLOSE: begin_close(EH_REASON_PLUGIN); break;
  case EH_ABORT: die(EH_REASON_PLUGIN); break;
  case EH_FAIL:
    ++shared().counters.plugin_failures;
    die(EH_REASON_FAILED);
    break;
  default: break;
  }
}

} // namespace epollhost
