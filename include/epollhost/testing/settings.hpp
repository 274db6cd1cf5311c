// Distributed under the Boost Software License, Version 1.0.
// What the host in memory is told before it starts. Plugins may include this (their tests, through testing.hpp).
#ifndef EPOLLHOST_TESTING_SETTINGS_HPP
#define EPOLLHOST_TESTING_SETTINGS_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace epollhost::testing {

namespace detail {
struct call_record;
}

/// The options of epollhost with these names, with its defaults. A test at a bound makes the bound small.
struct limits {
  std::size_t max_connections = 16384;      ///< open at once; above it connections wait to be accepted
  std::size_t input_max = 256 * 1024;       ///< unconsumed input kept for a connection
  std::size_t output_high = 256 * 1024;     ///< queued output above which reading stops
  std::size_t output_low = 64 * 1024;       ///< queued output below which reading goes on
  std::size_t output_max = 4 * 1024 * 1024; ///< queued output above which the plugin's writes are refused
  std::size_t output_files = 16;            ///< queued files above which the plugin's next is refused
  std::size_t turn_bytes = 256 * 1024;      ///< read from one connection before others have their turn
  std::size_t turn_calls = 64;              ///< hooks called for one connection before others have their turn
  std::chrono::nanoseconds send_timeout = std::chrono::seconds(60);  ///< without progress of output; 0: never
  std::chrono::nanoseconds linger_timeout = std::chrono::seconds(5); ///< a lingering close
  std::size_t linger_bytes = 1024 * 1024;                            ///< input dropped by a lingering close
  std::chrono::nanoseconds drain_timeout = std::chrono::seconds(30); ///< 0: never by force
};

struct settings {
  struct limits limits {};
  std::uint64_t seed = 1;                         ///< of eh_host::random, which is the same in each run
  std::int64_t now_ns = 1'000'000'000'000;        ///< CLOCK_MONOTONIC at the start
  std::int64_t wall_ns = 784'111'777'000'000'000; ///< and the wall clock: Sun, 06 Nov 1994 08:49:37 GMT
  bool run = true;        ///< call eh_instance::run after `start`, as a worker does; a trial does not
  bool throws = true;     ///< a broken rule is thrown as a failure; false: it is only kept, see plugin::broken_rules()
  unsigned char fill = 0; ///< what stands in an output window before the plugin writes there
  detail::call_record* record = nullptr; ///< where calls are noted, for who looks after a crash; it outlives the plugin
  std::string name{};                    ///< of the instance, for messages; the plugin's own if empty
  int write_policy = -1;                 ///< EH_WRITE_TURN, EH_WRITE_NOW; -1: the plugin's default
};

/// Options of the plugin as a user writes them: {{"limit", "64KiB"}, {"idle", "10s"}}.
using texts = std::vector<std::pair<std::string, std::string>>;

} // namespace epollhost::testing

#endif
