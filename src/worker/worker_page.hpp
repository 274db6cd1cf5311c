// Distributed under the Boost Software License, Version 1.0.
// What a worker shows of itself while it runs: written by it alone, read by anyone.
#ifndef EPOLLHOST_WORKER_WORKER_PAGE_HPP
#define EPOLLHOST_WORKER_WORKER_PAGE_HPP

#include "base/counter.hpp"
#include "loop/loop_counters.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace epollhost {

/// What a worker's connections have done since it started.
struct worker_counters {
  counter accepted;
  counter closed;
  counter reset_by_peer;
  counter timed_out;
  counter plugin_failures;   ///< hooks that threw
  counter contract_breaches; ///< answers of hooks that break a rule of plugin.h
  counter bytes_in;
  counter bytes_out;
  counter data_calls;
  counter accept_failures;  ///< EMFILE and the like; the listener rested a while
  counter file_failures;    ///< files that shrank or could not be read while they were sent
  counter connects;         ///< outgoing connections that the plugin asked for
  counter connect_failures; ///< and those of them that could not be made
  counter connects_closed;  ///< those that have ended, made or not; `closed` counts accepted ones only
};

/// What has become of the lines of a log channel.
struct channel_counters {
  counter lines;   ///< taken
  counter bytes;   ///< of these
  counter dropped; ///< lines that were not taken, or not written
};

/// The most log channels that a plugin can have.
inline constexpr std::size_t channels_max = 8;

/// What a plugin calls one of its metrics.
struct metric_label {
  std::uint32_t kind; ///< EH_METRIC_COUNTER, EH_METRIC_GAUGE
  char name[64];      ///< with its zero, as `help`
  char help[128];
};

/// The most metrics that a plugin can have.
inline constexpr std::size_t metrics_max = 32;

/// The metrics of a plugin, in the order in which it defines them. The plugin writes the values by itself, so they have
/// cache lines of their own. Labels are written once; a page that is made anew leaves their memory untouched.
struct metric_cells {
  alignas(64) std::array<std::uint64_t, metrics_max> values{};
  std::atomic<std::uint32_t> count{0}; ///< stored when the label is whole
  std::array<metric_label, metrics_max> labels;
};

/// Which of the plugin's functions runs.
enum class hook : std::uint32_t { none, open, data, room, timer, wake, drain, close, start, run, tick, stop };

/// Whether it is one of them: what was read of a page may be any number.
constexpr bool is_hook(hook h) { return h <= hook::stop; }

/// "data" and so on; "" for none.
const char* to_string(hook h);

/// Lies in memory shared with the master, on cache lines of its own; or in a worker without a master, in the worker.
struct alignas(64) worker_page {
  loop::loop_counters loop;
  std::atomic<std::uint64_t> conn{0}; ///< of the hook in hand
  std::atomic<hook> in_hook{hook::none};
  counter open; ///< connections now
  worker_counters counters;
  std::array<channel_counters, channels_max> channels; ///< in the order in which the plugin opens them
  metric_cells metrics;
};

} // namespace epollhost

#endif
