// Distributed under the Boost Software License, Version 1.0.
// One connection: entering a hook of the plugin. Inline, since a request spends much of its way here.
#ifndef EPOLLHOST_WORKER_CONNECTION_ENTER_HPP
#define EPOLLHOST_WORKER_CONNECTION_ENTER_HPP

#include "worker/connection.hpp"
#include "worker/copied_process.hpp"

#include <cassert>

namespace epollhost {

inline eh_hook function_of(const eh_hooks& hooks, hook which) {
  switch (which) {
  case hook::data: return hooks.data; // the one that matters for speed
  case hook::open: return hooks.open;
  case hook::room: return hooks.room;
  case hook::timer: return hooks.timer;
  case hook::wake: return hooks.wake;
  default: return hooks.drain;
  }
}

/// Call a hook with this input, which is the last or not, and this room for output. What it answers lies in the shared
/// eh_io, still to be judged.
inline eh_next connection::enter(connection_context& s, hook which, std::uint64_t arg, std::string_view in, bool is_end,
                                 std::size_t room) {
  assert(s.in_turn == this && !s.in_hook);
  eh_io& io = s.io;
  io.flags = (s.draining ? EH_DRAINING : 0) | (is_end ? EH_IN_END : 0);
  io.conn = id();
  io.arg = arg;
  io.in = in.data();
  io.in_len = in.size();
  io.out = s.window.get() + s.window_used;
  io.out_cap = room;
  io.now_ns = s.loop.now_ns();
  io.in_used = 0;
  io.out_used = 0;
  io.want = which == hook::data || has(relayed) ? 0 : want_; // what an earlier `data` wanted is there now
  io.deadline_ns = deadline_ns_;

  s.in_hook = this;
  worker_page& page = s.page;
  page.conn.store(id(), std::memory_order_relaxed); // blame costs two stores
  page.in_hook.store(which, std::memory_order_relaxed);
  const eh_next answer = function_of(kind_->hooks, which)(s.instance, state(), &io);
  end_if_copied(s, which, id());
  s.in_hook = nullptr;
  return answer;
}

} // namespace epollhost

#endif
