// Distributed under the Boost Software License, Version 1.0.
// All that is fixed when a worker starts. Every limit has its name and its default here.
#ifndef EPOLLHOST_WORKER_SETTINGS_HPP
#define EPOLLHOST_WORKER_SETTINGS_HPP

#include "loop/trigger.hpp"
#include "net/endpoint.hpp"
#include "worker/plugin_description.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace epollhost {

enum class write_policy {
  turn, ///< gather all answers of a turn into one send
  now   ///< send after each hook that wrote
};

/// Where to listen. `wildcard` (":80"): both families on one socket, IPv4 alone where the kernel has no IPv6.
struct listen_address {
  net::endpoint endpoint;
  bool wildcard = false;
  std::string passed; ///< `fd:NAME`: a socket that the service manager has opened; then nothing else counts
};

/// A user or group, as it was given and as the kernel has it. No name: unchanged.
struct named_id {
  std::string name;
  std::uint32_t number = 0;
};

/// Bounds for each connection and for the worker. Bytes and counts; 0 means no bound only where it says so.
struct limits {
  std::size_t max_connections = 16384;      ///< open at once; above it connections wait in the listen queue
  std::size_t input_max = 256 * 1024;       ///< unconsumed input kept for a connection
  std::size_t output_high = 256 * 1024;     ///< queued output above which reading stops
  std::size_t output_low = 64 * 1024;       ///< queued output below which reading goes on
  std::size_t output_max = 4 * 1024 * 1024; ///< queued output above which the plugin's writes are refused
  std::size_t output_files = 16;            ///< queued files above which the plugin's next is refused
  std::size_t turn_bytes = 256 * 1024;      ///< read from one connection before others have their turn
  std::size_t turn_calls = 64;              ///< hooks called for one connection before others have their turn
  std::size_t accept_batch = 64;            ///< connections accepted in one turn
  std::chrono::nanoseconds send_timeout = std::chrono::seconds(60);  ///< without progress of queued output; 0: never
  std::chrono::nanoseconds linger_timeout = std::chrono::seconds(5); ///< a lingering close
  std::size_t linger_bytes = 1024 * 1024;                            ///< input dropped by a lingering close
};

/// One plugin instance.
struct worker_settings {
  std::string name;                   ///< of the instance: names its options and its log lines
  std::string plugin_file;            ///< found, checked path
  bool allow_insecure_plugin = false; ///< take a file or folder that others may write
  std::vector<option_value> values;   ///< one for each option of the plugin, in its order
  std::vector<listen_address> listen;
  unsigned unix_mode = 0660;       ///< of a unix socket's file
  named_id unix_user, unix_group; ///< of the same
  int backlog = 4096;
  bool nodelay = true; ///< a turn already gathers its output, so Nagle's algorithm only delays
  bool cork = false;
  write_policy policy = write_policy::turn;
  loop::trigger trigger = loop::trigger::edge;
  std::chrono::nanoseconds spin{0};                                         ///< poll that long before blocking in epoll
  std::chrono::nanoseconds drain_timeout = std::chrono::seconds(30);        ///< 0: never by force
  std::chrono::nanoseconds idle_drain = std::chrono::seconds(1); ///< where the program ends, idle connections stay so long
  static constexpr std::size_t auto_workers = static_cast<std::size_t>(-1); ///< one for each usable processor
  std::size_t workers = auto_workers; ///< processes; 0: none, the plugin runs in the program's own
  std::chrono::nanoseconds stall_warn = std::chrono::milliseconds(100); ///< a loop not turned for that long is reported
  std::chrono::nanoseconds stall_kill{0};                               ///< and for that long replaced; 0: never
  struct limits limits;
  std::string record;                            ///< record connections to files of this name; empty: do not
  std::uint64_t record_limit = 16 * 1024 * 1024; ///< bytes of one such file
  std::uint64_t record_every = 1;                ///< the first of each so many connections
  std::string record_peer;                       ///< of peers in this net::peer_range; empty: of all
};

} // namespace epollhost

#endif
