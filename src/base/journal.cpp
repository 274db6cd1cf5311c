// Distributed under the Boost Software License, Version 1.0.
// The systemd journal as the standard error.
#include "base/journal.hpp"

#include "base/log_line.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

namespace epollhost::log {
namespace {

// Of syslog(3).
int priority_of(level l) {
  switch (l) {
  case level::error: return 3;
  case level::warning: return 4;
  case level::debug: return 7;
  case level::info: break;
  }
  return 6;
}

} // namespace

bool standard_error_is_journal() {
  const char* const named = std::getenv("JOURNAL_STREAM");
  struct stat s {};
  if (!named || ::fstat(STDERR_FILENO, &s) != 0) return false;
  return named == fmt::format("{}:{}", s.st_dev, s.st_ino);
}

std::string journal_line(format as, std::string_view line) {
  const level l = level_of(as, line);
  return fmt::format("<{}>{}", priority_of(l), as == format::text ? without_time(line) : line);
}

} // namespace epollhost::log
