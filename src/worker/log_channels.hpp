// Distributed under the Boost Software License, Version 1.0.
// The log channels of a worker, by the numbers that the plugin knows them by.
#ifndef EPOLLHOST_WORKER_LOG_CHANNELS_HPP
#define EPOLLHOST_WORKER_LOG_CHANNELS_HPP

#include "worker/log_channel.hpp"

#include "epollhost/plugin.h"

#include <array>
#include <deque>
#include <functional>
#include <string>
#include <string_view>

namespace epollhost {

/// Answers a descriptor that takes the lines for a path and does not block. Throws net::system_error.
using channel_opener = std::function<net::unique_fd(const std::string& path)>;

/// Opens the file itself: for a worker without a master.
net::unique_fd open_channel_file(const std::string& path);

/// Owned by the worker; opens nothing but while the plugin's `start` runs.
class log_channels {
public:
  using counters = std::array<channel_counters, channels_max>;

  /// `who` is the instance, for the log.
  log_channels(loop::io_context& loop, std::string who, counters& counted, channel_opener opener);

  void allow_open(bool yes) { may_open_ = yes; }

  std::int64_t open(std::string_view path);                      ///< eh_host::channel_open
  eh_status write(std::int64_t channel, std::string_view lines); ///< eh_host::channel_write

  /// Write all that was gathered.
  void flush();

  /// Open all files again, for they may have been renamed. One that cannot be opened stays as it is, and the log says
  /// so.
  void reopen();

private:
  void end_turn();

  loop::io_context& loop_;
  const std::string who_;
  counters& counted_;
  const channel_opener opener_;
  bool may_open_ = false;
  std::deque<log_channel> all_; // a channel does not move
};

} // namespace epollhost

#endif
