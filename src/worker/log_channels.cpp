// Distributed under the Boost Software License, Version 1.0.
// The log channels of a worker, by the numbers that the plugin knows them by.
#include "worker/log_channels.hpp"

#include "base/log.hpp"
#include "net/append.hpp"

#include <algorithm>
#include <utility>

namespace epollhost {

static_assert(channels_max == EH_CHANNELS_MAX);
static_assert(EH_CHANNEL_WRITE_MAX <= log_channel::buffer_bytes);

net::unique_fd open_channel_file(const std::string& path) {
  net::error_code ec;
  net::unique_fd fd = net::open_to_append(path, ec);
  if (ec) throw net::system_error(ec, "cannot open the log file " + path);
  return fd;
}

log_channels::log_channels(loop::io_context& loop, std::string who, counters& counted, channel_opener opener)
    : loop_(loop), who_(std::move(who)), counted_(counted), opener_(opener ? std::move(opener) : open_channel_file) {}

std::int64_t log_channels::open(std::string_view path) {
  if (!may_open_ || path.empty() || path.find('\0') != path.npos) return EH_INVALID;
  const auto known = std::find_if(all_.begin(), all_.end(), [&](const auto& c) { return c.path() == path; });
  if (known != all_.end()) return known - all_.begin() + 1;
  if (all_.size() == channels_max) return EH_OVER_LIMIT;
  try {
    const std::string name(path);
    all_.emplace_back(loop_, who_, name, opener_(name), counted_[all_.size()]);
  } catch (const net::system_error& e) {
    log::error(who_, "{}", e.what());
    return EH_UNSUPPORTED;
  }
  if (all_.size() == 1) loop_.before_wait([this] { end_turn(); });
  return static_cast<std::int64_t>(all_.size());
}

eh_status log_channels::write(std::int64_t channel, std::string_view lines) {
  const auto at = static_cast<std::size_t>(channel) - 1; // 0 and less become large
  if (at >= all_.size() || lines.empty() || lines.size() > EH_CHANNEL_WRITE_MAX || lines.back() != '\n')
    return EH_INVALID;
  return all_[at].write(lines) ? EH_OK : EH_OVER_LIMIT;
}

void log_channels::end_turn() {
  for (log_channel& c : all_) c.end_turn();
}

void log_channels::flush() {
  for (log_channel& c : all_) c.flush();
}

void log_channels::reopen() {
  for (log_channel& c : all_) try {
      c.exchange(opener_(c.path()));
    } catch (const net::system_error& e) {
      log::error(who_, "{}; going on with the old file", e.what());
    }
}

} // namespace epollhost
