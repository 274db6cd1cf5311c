// Distributed under the Boost Software License, Version 1.0.
// The last line that was logged, for a run that ends with an exception.
#include "sim/last_log.hpp"

#include <mutex>

namespace epollhost::sim {
namespace {

std::mutex mutex; // a plugin may have threads that log
std::string last;

} // namespace

bool keep_last_line(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  const std::lock_guard lock(mutex);
  last = line;
  return true;
}

const std::string& last_line() { return last; }

} // namespace epollhost::sim
