// Distributed under the Boost Software License, Version 1.0.
// Write a protocol handler as a C++20 coroutine. Plugins may include this.
//
//     eh::task<> serve(eh::stream peer) {
//       while (auto line = co_await peer.async_read_until('\n'))
//         co_await peer.async_write(*line);
//     }
//     EPOLLHOST_COROUTINE(lines, "1.0.0", "answers each line with itself", ":7001", serve)
//
// `serve` runs once for each connection. When it returns, the connection is closed after its output has left. When the
// connection is gone, `serve` and all that it has spawned are destroyed where they wait; so what must happen at the end
// stands in a destructor. An exception that leaves it resets the connection, is counted and logged, as with a class; a
// stream_error (a deadline, a cancellation) only ends it.
//
// A plugin with options, or with data that its connections share, is a class as in plugin.hpp, with
// `task<> serve(stream)` or `task<> serve(stream, const options&)` in the place of `connection`. EPOLLHOST_PLUGIN takes
// it. Its `run()` may be a task as well: one of the instance; an exception that leaves it before it first waits fails the
// worker. It may have tick(std::uint64_t), as in plugin.hpp; a nested `connection` beside `serve` does not compile.
//
// The rest: co_spawn() for further tasks, steady_timer, async_connect(), post() from other threads.
//
// Everything here runs in the hooks of plugin.h, in one thread; nothing blocks, nothing is locked.
#ifndef EPOLLHOST_ASYNC_HPP
#define EPOLLHOST_ASYNC_HPP

#include <epollhost/plugin.hpp>

#include <epollhost/async/plugin.hpp>

/// Exports a coroutine function, `eh::task<> serve(eh::stream)`, as this shared object's plugin. `name` is without
/// quotes. Once, at namespace scope, outside any namespace.
#define EPOLLHOST_COROUTINE(name, version, summary, listen, serve)                                                     \
  namespace {                                                                                                          \
  struct epollhost_coroutine_##name : ::epollhost::detail::coroutine_function<&serve> {                                \
    static constexpr auto about = ::epollhost::about{#name, version, summary, listen};                                 \
  };                                                                                                                   \
  }                                                                                                                    \
  EPOLLHOST_PLUGIN(epollhost_coroutine_##name)

#endif
