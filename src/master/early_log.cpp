// Distributed under the Boost Software License, Version 1.0.
// The log while there is no log process: before it has started, and when the program has failed.
#include "master/early_log.hpp"

#include "base/journal.hpp"
#include "base/log_line.hpp"
#include "master/child.hpp"
#include "master/log_sinks.hpp"
#include "net/append.hpp"
#include "net/error.hpp"

#include <syslog.h>
#include <unistd.h>

#include <optional>

namespace epollhost::master {
namespace {

struct early_log {
  log_options options;
  net::unique_fd file;
};
std::optional<early_log> early;

void write_to(int fd, std::string_view line) {
  if (::write(fd, line.data(), line.size()) < 0) return; // there is no other place to say it
}

// The log process never blocks; here a line more or less does.
bool write_early(std::string_view line) {
  const log_options& o = early->options;
  if (early->file) write_to(early->file.get(), line);
  if (o.syslog) ::syslog(LOG_DAEMON | LOG_WARNING, "%.*s", static_cast<int>(line.size()), line.data());
  if (!writes_to_standard_error(o)) return true;
  write_to(STDERR_FILENO, log::standard_error_is_journal() ? log::journal_line(o.format, line) : std::string(line));
  return true;
}

} // namespace

void start_early_log(const log_options& options) {
  early.emplace(early_log{options, open_log_file(options)});
  if (early->file) keep_in_children(early->file.get());
  log::set_format(options.format);
  log::show_process(writes_to_standard_error(options) && log::standard_error_is_journal());
  log::set_sink(write_early);
}

void end_early_log() {
  if (!early || !early->file) return;
  forget_in_children(early->file.get());
  early->file.reset();
}

bool log_failure(const std::string& why) {
  if (!early) return false;
  log_options& o = early->options;
  const bool plain = o.format == log::format::text && !log::standard_error_is_journal();
  if (plain && o.file.empty() && !o.syslog) return false;
  net::error_code ignored; // the file may be why it ends
  if (!o.file.empty() && !early->file) early->file = net::open_to_append(o.file, ignored);
  if (plain) o.standard_error = false;
  log::set_sink(write_early);
  log::error("", "{}", why);
  return writes_to_standard_error(o);
}

} // namespace epollhost::master
