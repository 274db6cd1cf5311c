// Distributed under the Boost Software License, Version 1.0.
// Finds members of an author's class that are meant to be hooks and are none. Plugins may include this (through
// plugin.hpp).
//
// A hook is found by its name and its parameters, and an absent one is no fault; so without a look at what else is
// there, a misspelt hook would never be called and nobody would say so. Two things are looked for: a function with the
// name of a hook that cannot be called as one, and, where a hook is absent, a function that can be called as it and has
// a name which is likely meant for it. A variable may have any name.
#ifndef EPOLLHOST_DETAIL_HOOK_CHECKS_HPP
#define EPOLLHOST_DETAIL_HOOK_CHECKS_HPP

#include <epollhost/detail/io.hpp>

#include <concepts>
#include <type_traits>

namespace epollhost::detail {

// Whether C has a public function `name`, and not only a variable. Of a private name nothing can be known, nor of one
// with several overloads; so those are taken for the author's own affair.
template <class Pointer>
concept points_to_function =
    std::is_member_function_pointer_v<Pointer> || std::is_function_v<std::remove_pointer_t<Pointer>>;
#define EPOLLHOST_DETAIL_HAS(class_name, name)                                                                         \
  requires { requires points_to_function<decltype(&class_name::name)>; }

// A hook of a connection: right, or absent, and then under no other name.
#define EPOLLHOST_DETAIL_CHECK_HOOK(name)                                                                              \
  static_assert(                                                                                                       \
      !EPOLLHOST_DETAIL_HAS(C, name) ||                                                                                \
          requires(C & c, epollhost::io & io) {                                                                        \
            { c.name(io) } -> std::same_as<next>;                                                                      \
          },                                                                                                           \
      "the hook `" #name "` of a connection must have the form: epollhost::next " #name "(epollhost::io&)")
#define EPOLLHOST_DETAIL_NOT(hook, other)                                                                              \
  static_assert(                                                                                                       \
      !requires(C & c, epollhost::io & io) {                                                                           \
        { c.other(io) } -> std::same_as<next>;                                                                         \
      } || requires(C & c, epollhost::io & io) { c.hook(io); },                                                        \
      "a connection has no hook `" #other "`, so it would never be called; did you mean `" #hook "`?")
#define EPOLLHOST_DETAIL_NOT_CLOSE(other)                                                                              \
  static_assert(!(requires(C & c, eh_reason why) { c.other(why); } && !EPOLLHOST_DETAIL_HAS(C, close)),                \
                "a connection has no hook `" #other "`, so it would never be called; did you mean `close`?")

template <class C> constexpr void check_data() {
  EPOLLHOST_DETAIL_CHECK_HOOK(data);
  EPOLLHOST_DETAIL_NOT(data, on_data);
  EPOLLHOST_DETAIL_NOT(data, onData);
  EPOLLHOST_DETAIL_NOT(data, Data);
  EPOLLHOST_DETAIL_NOT(data, dat);
  EPOLLHOST_DETAIL_NOT(data, dta);
  EPOLLHOST_DETAIL_NOT(data, daat);
  EPOLLHOST_DETAIL_NOT(data, datas);
  EPOLLHOST_DETAIL_NOT(data, read);
  EPOLLHOST_DETAIL_NOT(data, on_read);
  EPOLLHOST_DETAIL_NOT(data, received);
  EPOLLHOST_DETAIL_NOT(data, receive);
  EPOLLHOST_DETAIL_NOT(data, input);
}

template <class C> constexpr void check_open_and_close() {
  EPOLLHOST_DETAIL_CHECK_HOOK(open);
  EPOLLHOST_DETAIL_NOT(open, on_open);
  EPOLLHOST_DETAIL_NOT(open, onOpen);
  EPOLLHOST_DETAIL_NOT(open, Open);
  EPOLLHOST_DETAIL_NOT(open, opne);
  EPOLLHOST_DETAIL_NOT(open, oepn);
  EPOLLHOST_DETAIL_NOT(open, opened);
  EPOLLHOST_DETAIL_NOT(open, on_connect);
  EPOLLHOST_DETAIL_NOT(open, connected);
  static_assert(
      !EPOLLHOST_DETAIL_HAS(C, close) || requires(C & c, eh_reason why) { c.close(why); },
      "the hook `close` of a connection must have the form: void close(eh_reason)");
  EPOLLHOST_DETAIL_NOT_CLOSE(on_close);
  EPOLLHOST_DETAIL_NOT_CLOSE(onClose);
  EPOLLHOST_DETAIL_NOT_CLOSE(Close);
  EPOLLHOST_DETAIL_NOT_CLOSE(clos);
  EPOLLHOST_DETAIL_NOT_CLOSE(colse);
  EPOLLHOST_DETAIL_NOT_CLOSE(closed);
  EPOLLHOST_DETAIL_NOT_CLOSE(disconnected);
}

template <class C> constexpr void check_timer_and_wake() {
  EPOLLHOST_DETAIL_CHECK_HOOK(timer);
  EPOLLHOST_DETAIL_NOT(timer, on_timer);
  EPOLLHOST_DETAIL_NOT(timer, onTimer);
  EPOLLHOST_DETAIL_NOT(timer, Timer);
  EPOLLHOST_DETAIL_NOT(timer, timr);
  EPOLLHOST_DETAIL_NOT(timer, tmier);
  EPOLLHOST_DETAIL_NOT(timer, timre);
  EPOLLHOST_DETAIL_NOT(timer, timers);
  EPOLLHOST_DETAIL_NOT(timer, timeout);
  EPOLLHOST_DETAIL_NOT(timer, on_timeout);
  EPOLLHOST_DETAIL_NOT(timer, deadline);
  EPOLLHOST_DETAIL_CHECK_HOOK(wake);
  EPOLLHOST_DETAIL_NOT(wake, on_wake);
  EPOLLHOST_DETAIL_NOT(wake, onWake);
  EPOLLHOST_DETAIL_NOT(wake, Wake);
  EPOLLHOST_DETAIL_NOT(wake, waek);
  EPOLLHOST_DETAIL_NOT(wake, wakeup);
  EPOLLHOST_DETAIL_NOT(wake, wake_up);
  EPOLLHOST_DETAIL_NOT(wake, woken);
}

template <class C> constexpr void check_room_and_drain() {
  EPOLLHOST_DETAIL_CHECK_HOOK(room);
  EPOLLHOST_DETAIL_NOT(room, on_room);
  EPOLLHOST_DETAIL_NOT(room, onRoom);
  EPOLLHOST_DETAIL_NOT(room, Room);
  EPOLLHOST_DETAIL_NOT(room, rom);
  EPOLLHOST_DETAIL_NOT(room, rooms);
  EPOLLHOST_DETAIL_NOT(room, writable);
  EPOLLHOST_DETAIL_NOT(room, on_writable);
  EPOLLHOST_DETAIL_CHECK_HOOK(drain);
  EPOLLHOST_DETAIL_NOT(drain, on_drain);
  EPOLLHOST_DETAIL_NOT(drain, onDrain);
  EPOLLHOST_DETAIL_NOT(drain, Drain);
  EPOLLHOST_DETAIL_NOT(drain, drian);
  EPOLLHOST_DETAIL_NOT(drain, drained);
  EPOLLHOST_DETAIL_NOT(drain, draining);
}
#undef EPOLLHOST_DETAIL_CHECK_HOOK
#undef EPOLLHOST_DETAIL_NOT
#undef EPOLLHOST_DETAIL_NOT_CLOSE

/// Fails to compile where C, one kind of connection, has what is meant to be a hook and is none.
template <class C> constexpr void check_connection_hooks() {
  check_data<C>();
  check_open_and_close<C>();
  check_timer_and_wake<C>();
  check_room_and_drain<C>();
  static_assert(
      requires(C & c, epollhost::io & io) {
        { c.data(io) } -> std::same_as<next>;
      },
      "a connection needs the public hook `data`: epollhost::next data(epollhost::io&)");
}

/// The same for P, the plugin's own class.
template <class P> constexpr void check_plugin_members() {
  static_assert(
      requires { P::about; },
      "a plugin needs: static constexpr auto about = epollhost::about{name, version, summary, listen}");
  static_assert(
      requires { typename P::connection; } || requires { &P::serve; },
      "a plugin needs a nested class `connection`, with a hook `data`");
  static_assert(
      !(requires { typename P::connection; } && requires { &P::serve; }),
      "a plugin has either `serve` or a nested class `connection`: with `serve`, its `connection` would never be used");
  static_assert(
      requires { typename P::options; } || !requires { P::schema; },
      "a plugin with a `schema` needs the nested class `options` that it describes");
  static_assert(
      requires { P::schema; } || !requires { typename P::options; },
      "a plugin with `options` needs: static constexpr auto schema = epollhost::schema<options>(...)");
  static_assert(
      !EPOLLHOST_DETAIL_HAS(P, run) || requires(P & p) {
        { p.run() } -> std::same_as<void>;
      } || (requires { &P::serve; } && requires(P & p) { p.run().release(); }),
      "`run` of a plugin must have the form: void run(); with `serve`, also epollhost::task<> run(). It fails by an "
      "exception");
  static_assert(
      !EPOLLHOST_DETAIL_HAS(P, tick) || requires(P & p) {
        { p.tick(std::uint64_t{}) } -> std::same_as<void>;
      },
      "`tick` of a plugin must have the form: void tick(std::uint64_t)");
  static_assert(
      !requires(P & p) { p.on_tick(std::uint64_t{}); } || EPOLLHOST_DETAIL_HAS(P, tick),
      "a plugin has no `on_tick`, so it would never be called; did you mean `tick`?");
  static_assert(
      !requires(P & p) { p.on_run(); } || EPOLLHOST_DETAIL_HAS(P, run),
      "a plugin has no `on_run`, so it would never be called; did you mean `run`?");
}

#undef EPOLLHOST_DETAIL_HAS

} // namespace epollhost::detail

#endif
