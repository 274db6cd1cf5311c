// Distributed under the Boost Software License, Version 1.0.
// The hooks of a connection that coroutines talk to. Plugins may include this (through async.hpp).
#ifndef EPOLLHOST_ASYNC_HOOKS_HPP
#define EPOLLHOST_ASYNC_HOOKS_HPP

#include <epollhost/async/executor.hpp>
#include <epollhost/async/timer.hpp>

namespace epollhost::detail {

/// The state is a pointer to what lies behind the streams. What runs inside is noexcept: exceptions end in the tasks.
struct connection_hooks {
  static connection& of(void* state) { return **static_cast<connection**>(state); }

  static eh_next data(void*, void* state, eh_io* io) {
    connection& c = of(state);
    c.enter(io);
    c.data();
    return c.leave(true);
  }

  static eh_next room(void*, void* state, eh_io* io) {
    connection& c = of(state);
    c.enter(io);
    c.room();
    return c.leave(false);
  }

  static eh_next timer(void*, void* state, eh_io* io) {
    connection& c = of(state);
    c.enter(io);
    c.look_at_queue();
    if (io->arg == 0)
      c.deadline();
    else if (own_argument::is(io->arg)) [[likely]]
      own_argument::to<wait_operation>(io->arg).fired();
    else
      say_no_receiver(&c.host(), "a timer of a connection", io->arg, "steady_timer");
    return c.leave(false);
  }

  static eh_next wake(void*, void* state, eh_io* io) {
    connection& c = of(state);
    c.enter(io);
    c.look_at_queue();
    if (io->arg == own_argument::call)
      c.called();
    else if (own_argument::is(io->arg)) [[likely]]
      run_posted(io->arg, c);
    else
      say_no_receiver(&c.host(), "a wake or a post of a connection", io->arg, "eh::post(executor, f) or co_spawn");
    return c.leave(false);
  }

  static eh_next drain(void*, void* state, eh_io* io) {
    connection& c = of(state);
    c.enter(io);
    c.drain();
    return c.leave(false);
  }

  static void close(void*, void* state, eh_reason why) {
    connection* const c = *static_cast<connection**>(state);
    if (!c) return; // there was no memory for it
    c->run_by.begin_hook(nullptr);
    c->closed(why);
    c->release();
  }

  static constexpr eh_hooks table(eh_hook open, std::uint32_t flags) {
    return {.size = sizeof(eh_hooks),
            .flags = flags,
            .state_size = sizeof(connection*),
            .state_align = alignof(connection*),
            .open = open,
            .data = data,
            .room = room,
            .timer = timer,
            .wake = wake,
            .drain = drain,
            .close = close};
  }
};

} // namespace epollhost::detail

#endif
