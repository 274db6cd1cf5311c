// Distributed under the Boost Software License, Version 1.0.
// What a process has that a plugin may leave behind.
#include "check/process_state.hpp"

#include <chrono>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <thread>

namespace epollhost::check {
namespace {

std::size_t entries(const char* folder) {
  std::error_code error; // without /proc nothing is found, and nothing complained of
  const std::filesystem::directory_iterator all(folder, error);
  return error ? 0 : static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

} // namespace

process_state process_state::now() { return {entries("/proc/self/task"), entries("/proc/self/fd")}; }

process_state process_state::settled(const process_state& expected) {
  process_state out = now();
  for (int i = 0; i < 100 && out.threads > expected.threads; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    out = now();
  }
  return out;
}

} // namespace epollhost::check
