// Distributed under the Boost Software License, Version 1.0.
// Where the log process writes: sinks in spdlog's words that fail instead of blocking, and count instead of failing.
#include "master/log_sinks.hpp"

#include "base/journal.hpp"
#include "base/log_line.hpp"
#include "master/fd_sink.hpp"
#include "net/append.hpp"
#include "net/error.hpp"

#include <spdlog/sinks/syslog_sink.h>

#include <time.h>

#include <algorithm>

namespace epollhost::master {
namespace {

using syslog_sink = spdlog::sinks::syslog_sink<spdlog::details::null_mutex>;

spdlog::level::level_enum spdlog_level(log::level l) {
  switch (l) {
  case log::level::error: return spdlog::level::err;
  case log::level::warning: return spdlog::level::warn;
  case log::level::debug: return spdlog::level::debug;
  case log::level::info: break;
  }
  return spdlog::level::info;
}

std::string line_of(log::format as, log::level l, const std::string& text) {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now); // cannot fail for this clock
  return fmt::to_string(log::format_line(as, now, l, "log", text));
}

} // namespace

bool log_sink::try_write(log::level l, std::string_view line) {
  try {
    const std::string changed = is_journal_ ? log::journal_line(as_, line) : std::string();
    const std::string_view out = is_journal_ ? std::string_view(changed) : line;
    sink_->log({name_, spdlog_level(l), {out.data(), out.size()}});
    return true;
  } catch (const spdlog::spdlog_ex& e) {
    why_ = e.what();
    return false;
  }
}

void log_sink::retry() {
  if (lost_ == 0) return;
  const std::string text = fmt::format("{} lines could not be written to {}: {}", lost_, name_, why_);
  if (try_write(log::level::warning, line_of(as_, log::level::warning, text))) lost_ = 0;
}

void log_sink::write(std::string_view line) {
  retry();
  if (lost_ != 0 || !try_write(log::level_of(as_, line), line)) ++lost_;
}

net::unique_fd open_log_file(const log_options& options) {
  if (options.file.empty()) return {};
  net::error_code ec;
  net::unique_fd fd = net::open_to_append(options.file, ec);
  if (ec) throw net::system_error(ec, "cannot open the log file " + options.file);
  return fd;
}

log_sinks::log_sinks(const log_options& options, net::unique_fd file) : options_(options) {
  if (file) {
    file_ = std::make_shared<fd_sink>(std::move(file));
    all_.emplace_back(options_.file, options_.format, file_);
  }
  if (options_.syslog)
    all_.emplace_back("syslog", options_.format,
                      std::make_shared<syslog_sink>(options_.syslog_name, LOG_PID | LOG_NDELAY, LOG_DAEMON, false));
  if (writes_to_standard_error(options_))
    all_.emplace_back("the standard error", options_.format, std::make_shared<fd_sink>(net::open_standard_error()),
                      log::standard_error_is_journal());
}

void log_sinks::write(std::string_view line) {
  for (log_sink& s : all_) s.write(line);
}

void log_sinks::say(log::level l, const std::string& text) { write(line_of(options_.format, l, text)); }

bool log_sinks::behind() const {
  return std::any_of(all_.begin(), all_.end(), [](const log_sink& s) { return s.behind(); });
}

void log_sinks::retry() {
  for (log_sink& s : all_) s.retry();
}

void log_sinks::reopen() {
  if (!file_) return;
  net::error_code ec;
  net::unique_fd fd = net::open_to_append(options_.file, ec);
  if (!ec) return file_->exchange(std::move(fd));
  say(log::level::error,
      fmt::format("cannot open {} again: {}; going on with the old file", options_.file, ec.message()));
}

} // namespace epollhost::master
