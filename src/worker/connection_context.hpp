// Distributed under the Boost Software License, Version 1.0.
// What all connections of a worker share.
#ifndef EPOLLHOST_WORKER_CONNECTION_CONTEXT_HPP
#define EPOLLHOST_WORKER_CONNECTION_CONTEXT_HPP

#include "epollhost/plugin.h"
#include "loop/io_context.hpp"
#include "net/fork_mark.hpp"
#include "net/splice.hpp"
#include "worker/buffer_pool.hpp"
#include "worker/settings.hpp"
#include "worker/worker_page.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>

namespace epollhost {

class connection;
class outgoing;
class recorder;

/// The loop, the limits, the plugin's instance, the shared buffers and the counters. Owned by the worker; outlives
/// every connection.
struct connection_context {
  static constexpr std::size_t receive_bytes = 64 * 1024; // read at once into the shared buffer
  static constexpr std::size_t window_bytes = 64 * 1024;  // the output window

  connection_context(loop::io_context& loop, const worker_settings& settings, worker_page& page)
      : loop(loop), settings(settings), page(page) {}

  loop::io_context& loop;
  const worker_settings& settings;
  worker_page& page;
  worker_counters& counters = page.counters;
  const std::size_t read_bytes = std::min(receive_bytes, settings.limits.input_max); // asked for in one read
  void* instance = nullptr;
  const net::fork_mark mark; // of the worker's process

  buffer_pool pool;
  std::unique_ptr<char[]> receive_buffer = std::make_unique_for_overwrite<char[]>(receive_bytes);
  std::unique_ptr<char[]> window = std::make_unique_for_overwrite<char[]>(window_bytes);
  net::splice_pipe pipe;         // of relays; empty between their turns
  std::size_t window_used = 0;   // output of the connection in its turn that no send has seen yet
  std::size_t turn_sent = 0;     // bytes that its queue has sent in this turn
  eh_io io{};                    // of the call in hand
  connection* in_hook = nullptr; // whose hook is running
  connection* in_turn = nullptr; // whose output is in the window
  bool corked = false;           // in_turn has TCP_CORK on

  std::size_t open = 0; // connections that are not yet freed; the page, which the plugin can overwrite, only shows it
  std::size_t outgoing_open = 0;      // those of them that the plugin made by itself
  class outgoing* outgoing = nullptr; // the worker's
  bool draining = false;
  bool idle_leaves = false; // the program ends, and --idle-drain has passed
  class recorder* recorder = nullptr; // the worker's, if there is one

  void count_open(std::size_t n) { page.open = open = n; }

  /// The recorder, unless a hook of a connection runs that is not recorded: in a replay it will not.
  class recorder* recorder_of_now() const;

  /// Called when a connection has been freed: a listener may accept again, a drained worker may end.
  void (*on_freed)(void* worker, loop::object_id gone) = nullptr;
  void* worker = nullptr;
};

} // namespace epollhost

#endif
