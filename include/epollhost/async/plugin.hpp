// Distributed under the Boost Software License, Version 1.0.
// Turns a coroutine, or a class with one, into the tables of plugin.h. Plugins may include this (through async.hpp).
#ifndef EPOLLHOST_ASYNC_PLUGIN_HPP
#define EPOLLHOST_ASYNC_PLUGIN_HPP

#include <epollhost/async/connect.hpp>
#include <epollhost/async/hooks.hpp>
#include <epollhost/async/spawn.hpp>
#include <epollhost/async/timer.hpp>

namespace epollhost::detail {

/// A plugin class whose connections are served by a coroutine: task<> serve(stream) or serve(stream, const options&).
template <class P>
concept served_by_coroutine = requires(P& p, stream s, const typename options_of<P>::type& o) {
  { p.serve(s, o) } -> std::same_as<task<>>;
}
|| requires(P& p, stream s) {
  { p.serve(s) } -> std::same_as<task<>>;
};

/// The host's bounds, as far as it tells them; else a write waits only where it would be refused.
inline eh_limits limits_of(const eh_host* host) {
  const auto* const told = static_cast<const eh_limits*>(host->get_extension(host, EH_LIMITS));
  if (told) return *told;
  constexpr std::uint64_t unknown = std::numeric_limits<std::int64_t>::max();
  return {.size = sizeof(eh_limits),
          .flags = 0,
          .input_max = unknown,
          .output_low = unknown,
          .output_high = unknown,
          .output_max = unknown};
}

/// What one worker keeps of it. The pool goes last, the tasks go first.
template <class P> struct coroutine_instance {
  static_assert(served_by_coroutine<P>, "`serve` of a plugin must have the form: epollhost::task<> serve("
                                        "epollhost::stream), or have a second parameter, const options&");
  using options = typename options_of<P>::type;

  frame_pool_user pool;
  scheduler tasks;
  const options values;
  P plugin;

  coroutine_instance(const eh_host* host, const eh_value* given)
      : tasks(host, std::int64_t(limits_of(host).output_high)), values(read_options<P>(given)),
        plugin(instance<P>::make(epollhost::host(host), values)) {}
  ~coroutine_instance() { tasks.instance.destroy_roots(); }

  task<> serve(stream s) {
    if constexpr (requires { plugin.serve(s, values); })
      return plugin.serve(std::move(s), values);
    else
      return plugin.serve(std::move(s));
  }

  static coroutine_instance& of(void* self) { return *static_cast<coroutine_instance*>(self); }

  static std::int32_t start(const eh_host* host, const eh_value* values, void** out) {
    return make_instance<coroutine_instance>(host, values, out);
  }

  /// run() of the class may be a function or a task of the instance.
  static void run(void* self) {
    coroutine_instance& me = of(self);
    scope& home = me.tasks.instance;
    me.tasks.begin_hook(nullptr);
    me.tasks.in_run = true;
    try {
      if constexpr (requires {
                      { me.plugin.run() } -> std::same_as<task<>>;
                    })
        detail::start(home, me.plugin.run());
      else if constexpr (requires { me.plugin.run(); })
        me.plugin.run();
    } catch (...) {
      home.exception_left();
    }
    me.tasks.run_ready();
    me.tasks.in_run = false;
  }

  /// What is not ours is for the class, as without coroutines.
  static void tick(void* self, std::uint64_t arg) {
    coroutine_instance& me = of(self);
    me.tasks.begin_hook(nullptr);
    if (arg == own_argument::call)
      resume_due(me.tasks.instance);
    else if (own_argument::is(arg))
      arg & own_argument::post ? run_posted(arg, me.tasks.instance) : own_argument::to<wait_operation>(arg).fired();
    else
      me.tick_of_class(arg);
  }

  void tick_of_class(std::uint64_t arg) {
    if constexpr (requires { plugin.tick(arg); }) {
      try {
        plugin.tick(arg);
      } catch (...) {
        log_exception(tasks.host, "tick");
      }
      tasks.run_ready(); // it may have cancelled what a task waits for
    } else {
      say_no_receiver(tasks.host, "a timer or a post of the instance", arg,
                      "steady_timer or eh::post(executor, f), or give the class a member tick(std::uint64_t)");
    }
  }

  static void stop(void* self) { delete static_cast<coroutine_instance*>(self); }
};

/// How a connection that was accepted begins.
template <class P> struct coroutine_open {
  using instance_type = coroutine_instance<P>;

  static eh_next open(void* self, void* state, eh_io* io) {
    instance_type& me = instance_type::of(self);
    try {
      auto* const c = new connection(me.tasks, *io);
      *static_cast<connection**>(state) = c;
      c->first = &start(*c, me.serve(stream(*c)));
    } catch (...) {
      log_exception(me.tasks.host, "open");
      return EH_FAIL;
    }
    connection& c = connection_hooks::of(state);
    c.enter(io);
    me.tasks.run_ready();
    return c.leave(false);
  }
};

/// Whose `serve` has any form: a wrong one is refused above.
template <class P>
concept has_serve = requires {
  &P::serve;
};

template <has_serve P>
inline constexpr eh_hooks hooks_table<P> = connection_hooks::table(coroutine_open<P>::open, P::about.hook_flags);

template <has_serve P>
inline constexpr eh_instance instance_table<P> = {.size = sizeof(eh_instance),
                                                  .flags = 0,
                                                  .start = coroutine_instance<P>::start,
                                                  .run = coroutine_instance<P>::run,
                                                  .tick = coroutine_instance<P>::tick,
                                                  .stop = coroutine_instance<P>::stop};

/// A plugin that is nothing but a coroutine function.
template <task<> (*Serve)(stream)> struct coroutine_function {
  static task<> serve(stream s) { return Serve(std::move(s)); }
};

} // namespace epollhost::detail

#endif
