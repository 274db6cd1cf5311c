// Distributed under the Boost Software License, Version 1.0.
// The host's log, caught for a test.
#include "support/log_lines.hpp"

#include "base/log.hpp"

#include <algorithm>
#include <mutex>

namespace epollhost::test {
namespace {

std::mutex mutex;
std::vector<std::string> lines; // guarded by mutex

bool keep(std::string_view line) {
  std::lock_guard lock(mutex);
  lines.emplace_back(line);
  return true;
}

} // namespace

log_lines::log_lines() {
  std::lock_guard lock(mutex);
  lines.clear();
  log::set_sink(keep);
}

log_lines::~log_lines() { log::set_sink(nullptr); }

std::vector<std::string> log_lines::all() const {
  std::lock_guard lock(mutex);
  return lines;
}

std::string log_lines::with(std::initializer_list<std::string_view> words) const {
  for (const std::string& line : all())
    if (std::all_of(words.begin(), words.end(), [&](std::string_view w) { return line.find(w) != line.npos; }))
      return line;
  return {};
}

} // namespace epollhost::test
