// Distributed under the Boost Software License, Version 1.0.
// Turns a C++ class into the tables of plugin.h. Plugins may include this (through plugin.hpp).
#ifndef EPOLLHOST_DETAIL_ADAPTER_HPP
#define EPOLLHOST_DETAIL_ADAPTER_HPP

#include <epollhost/failure.h>

#include <epollhost/detail/hook_checks.hpp>
#include <epollhost/detail/io.hpp>
#include <epollhost/detail/options.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <memory>
#include <new>
#include <string_view>
#include <utility>

namespace epollhost::detail {

/// What a plugin's code threw, as text, cut to fit. Call it in a catch block.
template <std::size_t N> std::string_view describe_exception(char (&line)[N], const char* where) {
  int len = 0;
  try {
    throw;
  } catch (const std::exception& e) {
    len = std::snprintf(line, sizeof line, "%s threw: %s", where, e.what());
  } catch (...) {
    len = std::snprintf(line, sizeof line, "%s threw something that is no std::exception", where);
  }
  return {line, std::min(std::size_t(len), N - 1)};
}

/// Say it in the log.
inline void log_exception(const eh_host* host, const char* where) {
  char line[512];
  const std::string_view text = describe_exception(line, where);
  host->log(host, EH_LOG_ERROR, text.data(), text.size());
}

/// In `run`: the worker does not serve. A host of minor 0 can only log it.
inline void fail_run(const eh_host* host) {
  char line[512];
  const std::string_view text = describe_exception(line, "run");
  const auto* const failure = static_cast<const eh_failure*>(host->get_extension(host, EH_FAILURE));
  if (!failure || failure->fail(host, text.data(), text.size()) != EH_OK)
    host->log(host, EH_LOG_ERROR, text.data(), text.size());
}

/// eh_instance::start, for what one worker keeps of a plugin: an exception refuses it.
template <class Instance> std::int32_t make_instance(const eh_host* host, const eh_value* values, void** out) {
  try {
    *out = new Instance(host, values);
    return 0;
  } catch (...) {
    log_exception(host, "its constructor");
    return 1;
  }
}

/// What one worker keeps of a plugin: the values of its options and the author's object.
template <class P> struct instance {
  using options = typename options_of<P>::type;

  epollhost::host host;
  options values;
  P plugin;

  instance(const eh_host* table, const eh_value* given)
      : host(table), values(read_options<P>(given)), plugin(make(host, values)) {}

  static P make(epollhost::host host, const options& values) {
    if constexpr (requires { P{host, values}; })
      return P{host, values};
    else if constexpr (requires { P{values}; })
      return P{values};
    else if constexpr (requires { P{host}; })
      return P{host};
    else
      return P{};
  }

  static std::int32_t start(const eh_host* host, const eh_value* values, void** out) {
    return make_instance<instance>(host, values, out);
  }

  static void run(void* self) {
    auto& me = *static_cast<instance*>(self);
    try {
      me.plugin.run();
    } catch (...) {
      fail_run(me.host.table());
    }
  }

  static void tick(void* self, std::uint64_t arg) {
    auto& me = *static_cast<instance*>(self);
    try {
      me.plugin.tick(arg);
    } catch (...) {
      log_exception(me.host.table(), "tick");
    }
  }

  static void stop(void* self) { delete static_cast<instance*>(self); }
};

/// The hooks of `C`, one kind of connection of plugin `P`. Outgoing ones have their object before `open`, see
/// connect().
template <class P, class C, bool Outgoing = false> struct hooks_of {
  using options = typename options_of<P>::type;

  static constexpr bool is_quiet() {
    if constexpr (Outgoing)
      return false;
    else if constexpr (requires(P & p) { C{p}; })
      return noexcept(C{std::declval<P&>()});
    else if constexpr (requires(const options& o) { C{o}; })
      return noexcept(C{std::declval<const options&>()});
    else
      return noexcept(C{});
  }
  static constexpr bool quiet = is_quiet(); // making a C throws nothing

  // Where a C is made, and, if making it can throw, whether that went well.
  struct quiet_slot {
    alignas(C) unsigned char bytes[sizeof(C)];
    void set_alive() {}
    bool is_alive() const { return true; }
  };
  struct loud_slot : quiet_slot {
    bool alive;
    void set_alive() { alive = true; }
    bool is_alive() const { return alive; }
  };
  using slot = std::conditional_t<quiet, quiet_slot, loud_slot>;

  static instance<P>& inst(void* p) { return *static_cast<instance<P>*>(p); }

  static C* make(void* state, instance<P>& i) noexcept(quiet) {
    const options& values = i.values;
    if constexpr (requires { C{i.plugin}; })
      return new (state) C{i.plugin};
    else if constexpr (requires { C{values}; })
      return new (state) C{values};
    else
      return new (state) C{};
  }

  template <class... A> static void make_from(void* state, A&&... args) {
    if constexpr (std::is_constructible_v<C, A...>)
      new (state) C(std::forward<A>(args)...);
    else
      new (state) C{std::forward<A>(args)...};
    static_cast<slot*>(state)->set_alive();
  }

  static constexpr std::uint32_t flags() {
    if constexpr (!Outgoing)
      return P::about.hook_flags;
    else if constexpr (requires { C::hook_flags; })
      return C::hook_flags;
    else
      return 0;
  }

  // No canary beside the view: it is two pointers, and the author's function has its own where it needs one.
  template <class F>
  __attribute__((no_stack_protector)) static eh_next guard(void* p, eh_io* raw, const char* where, F f) {
    try {
      epollhost::io view(raw, inst(p).host);
      return eh_next(f(view));
    } catch (...) {
      log_exception(inst(p).host.table(), where);
      return EH_FAIL;
    }
  }

  static C& self(void* state) { return *std::launder(reinterpret_cast<C*>(state)); }

  static eh_next open(void* p, void* state, eh_io* raw) {
    return guard(p, raw, "open", [&](epollhost::io& io) {
      if constexpr (!Outgoing) {
        make(state, inst(p));
        static_cast<slot*>(state)->set_alive();
      }
      if constexpr (requires(C & c) { c.open(io); })
        return self(state).open(io);
      else
        return next::keep;
    });
  }

#define EPOLLHOST_DETAIL_HOOK(name)                                                                                    \
  __attribute__((no_stack_protector)) static eh_next name(void* p, void* state, eh_io* raw) {                          \
    return guard(p, raw, #name, [&](epollhost::io& io) { return self(state).name(io); });                              \
  }                                                                                                                    \
  static constexpr eh_hook name##_or_null() {                                                                          \
    if constexpr (requires(C & c, epollhost::io & io) { c.name(io); })                                                 \
      return name;                                                                                                     \
    else                                                                                                               \
      return nullptr;                                                                                                  \
  }
  EPOLLHOST_DETAIL_HOOK(data)
  EPOLLHOST_DETAIL_HOOK(room)
  EPOLLHOST_DETAIL_HOOK(timer)
  EPOLLHOST_DETAIL_HOOK(wake)
  EPOLLHOST_DETAIL_HOOK(drain)
#undef EPOLLHOST_DETAIL_HOOK

  static void close(void* p, void* state, eh_reason reason) {
    if (!static_cast<slot*>(state)->is_alive()) return;
    try {
      if constexpr (requires(C & c) { c.close(reason); }) self(state).close(reason);
    } catch (...) {
      log_exception(inst(p).host.table(), "close");
    }
    std::destroy_at(&self(state));
  }

  static constexpr eh_hooks table() {
    check_connection_hooks<C>();
    return {.size = sizeof(eh_hooks),
            .flags = flags(),
            .state_size = sizeof(slot),
            .state_align = alignof(slot),
            .open = open,
            .data = data,
            .room = room_or_null(),
            .timer = timer_or_null(),
            .wake = wake_or_null(),
            .drain = drain_or_null(),
            .close = close};
  }
};

template <class P> inline constexpr eh_hooks hooks_table = hooks_of<P, typename P::connection>::table();

template <class P>
inline constexpr eh_socket socket_table = {.size = sizeof(eh_socket),
                                           .nodelay = P::about.nodelay,
                                           .cork = P::about.cork,
                                           .write_policy = P::about.write_policy};

template <class P> constexpr auto run_or_null() -> void (*)(void*) {
  if constexpr (requires(P & p) { p.run(); })
    return instance<P>::run;
  else
    return nullptr;
}

template <class P> constexpr auto tick_or_null() -> void (*)(void*, std::uint64_t) {
  if constexpr (requires(P & p) { p.tick(std::uint64_t{}); })
    return instance<P>::tick;
  else
    return nullptr;
}

template <class P>
inline constexpr eh_instance instance_table = {.size = sizeof(eh_instance),
                                               .flags = 0,
                                               .start = instance<P>::start,
                                               .run = run_or_null<P>(),
                                               .tick = tick_or_null<P>(),
                                               .stop = instance<P>::stop};

template <class P>
inline constexpr eh_plugin plugin_table =
    (check_plugin_members<P>(),
     eh_plugin{EH_PLUGIN_HEADER, .option_count = std::uint32_t(option_table<P>.size()), .flags = P::about.flags,
               .name = P::about.name, .version = P::about.version, .summary = P::about.summary,
               .listen = P::about.listen, .socket = &socket_table<P>, .options = option_table<P>.data(),
               .instance = &instance_table<P>, .hooks = &hooks_table<P>});

} // namespace epollhost::detail

#endif
