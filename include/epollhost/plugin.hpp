// Distributed under the Boost Software License, Version 1.0.
// Write a protocol handler as a plain C++20 class. Plugins may include this.
//
//     struct echo {
//       static constexpr auto about = eh::about{"echo", "1.0.0", "sends every byte back", ":7000"};
//       struct connection {
//         eh::next data(eh::io& io) { io.reply(io.take()); return eh::next::keep; }
//       };
//     };
//     EPOLLHOST_PLUGIN(echo)
//
// The class lives once in each worker. It may have a nested `options` with a `schema`, and a constructor that takes
// (eh::host, const options&), (const options&) or (eh::host); an exception from it refuses the plugin. Further members,
// all optional: void run(), before the first connection, and void tick(std::uint64_t), for its own timers and posts. An
// exception from run() fails the worker, which then does not serve: a start ends, a reload leaves what runs. One from
// tick() is logged.
// `connection` lives once for each connection. It is made from (plugin&), from (const options&) or from nothing, and
// has the hooks that it wants: data (required), open, room, timer, wake, drain, all `eh::next(eh::io&)`, and
// close(eh_reason). Absent ones cost nothing; one with another form, or with a name that is nearly one of these, does
// not compile. An exception from a hook resets this connection, is counted and logged. Connections that the plugin
// makes by itself have classes of their own, see connect().
#ifndef EPOLLHOST_PLUGIN_HPP
#define EPOLLHOST_PLUGIN_HPP

#include <epollhost/plugin.h>

#include <epollhost/deadline.hpp>
#include <epollhost/detail/adapter.hpp>
#include <epollhost/detail/connect.hpp>
#include <epollhost/detail/host.hpp>
#include <epollhost/detail/io.hpp>
#include <epollhost/detail/options.hpp>

/// Exports `type` as this shared object's plugin. Once, at namespace scope, outside any namespace.
#define EPOLLHOST_PLUGIN(...)                                                                                          \
  constinit const eh_plugin epollhost_plugin = ::epollhost::detail::plugin_table<__VA_ARGS__>;

#endif
