// Distributed under the Boost Software License, Version 1.0.
// What all connections of a worker share.
#ifndef EPOLLHOST_WORKER_CONNECTION_CONTEXT_HPP
#define EPOLLHOST_WORKER_CONNECTION_CONTEXT_HPP

#include "epollhost/plugin.h"
#include "loop/io_context.hpp"
#include "worker/buffer_pool.hpp"
#include "worker/settings.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace epollhost {

class connection;

/// What a worker's connections have done since it started.
struct worker_counters {
  std::uint64_t accepted = 0;
  std::uint64_t closed = 0;
  std::uint64_t reset_by_peer = 0;
  std::uint64_t timed_out = 0;
  std::uint64_t plugin_failures = 0;   ///< hooks that threw
  std::uint64_t contract_breaches = 0; ///< answers of hooks that break a rule of plugin.h
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t data_calls = 0;
  std::uint64_t accept_failures = 0; ///< EMFILE and the like; the listener rested a while
};

/// The loop, the limits, the plugin's instance, the shared buffers and the counters. Owned by the worker; outlives
/// every connection.
struct connection_context {
  static constexpr std::size_t receive_bytes = 64 * 1024; // read at once into the shared buffer
  static constexpr std::size_t window_bytes = 64 * 1024;  // the output window

  connection_context(loop::io_context& loop, const worker_settings& settings) : loop(loop), settings(settings) {}

  loop::io_context& loop;
  const worker_settings& settings;
  void* instance = nullptr;

  buffer_pool pool;
  std::unique_ptr<char[]> receive_buffer = std::make_unique_for_overwrite<char[]>(receive_bytes);
  std::unique_ptr<char[]> window = std::make_unique_for_overwrite<char[]>(window_bytes);
  std::size_t window_used = 0;   // output of the connection in its turn that no send has seen yet
  eh_io io{};                    // of the call in hand
  connection* in_hook = nullptr; // whose hook is running
  connection* in_turn = nullptr; // whose output is in the window
  bool corked = false;           // in_turn has TCP_CORK on

  std::size_t open = 0; // connections that are not yet freed
  bool draining = false;
  worker_counters counters;

  /// Called when a connection has been freed: a listener may accept again, a drained worker may end.
  void (*on_freed)(void* worker, loop::object_id gone) = nullptr;
  void* worker = nullptr;
};

} // namespace epollhost

#endif
