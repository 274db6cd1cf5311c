// Distributed under the Boost Software License, Version 1.0.
// The host's log: whole lines, bounded a second, never blocking.
#include "base/log.hpp"

#include <poll.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <utility>

namespace epollhost::log {
namespace {

std::atomic<level> most_{level::info};
std::atomic<sink> sink_{nullptr};
std::atomic<std::uint64_t> dropped_{0};

// The standard error may be a pipe whose reader has stopped. A line no longer than PIPE_BUF into a pipe that polls
// writable never blocks, and longer ones are cut to that below.
constexpr std::size_t line_bytes_max = 4096;

bool write_to_standard_error(std::string_view line) {
  pollfd p{STDERR_FILENO, POLLOUT, 0};
  if (::poll(&p, 1, 0) != 1 || !(p.revents & POLLOUT)) return false;
  return ::write(STDERR_FILENO, line.data(), line.size()) == static_cast<ssize_t>(line.size());
}

// How many lines this second has had, and how many it could not have.
class bound {
public:
  bool take(time_t second, std::uint64_t& missed) {
    std::lock_guard lock(mutex_);
    missed = 0;
    if (second != second_) {
      second_ = second;
      lines_ = 0;
      missed = std::exchange(missed_, 0);
    }
    if (lines_ < lines_a_second_max) return ++lines_, true;
    ++missed_;
    return false;
  }

private:
  std::mutex mutex_;
  time_t second_ = 0;
  unsigned lines_ = 0;
  std::uint64_t missed_ = 0;
} bound_;

constexpr std::string_view names[] = {"", "error", "warning", "info", "debug"};

void append_clean(fmt::memory_buffer& out, std::string_view text) {
  for (const unsigned char c : text) {
    if (out.size() >= line_bytes_max - 8) break;
    if (c >= 0x20 && c != 0x7f)
      out.push_back(static_cast<char>(c));
    else
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", c);
  }
}

void emit(const timespec& now, level l, std::string_view who, std::string_view text) {
  tm local{};
  ::localtime_r(&now.tv_sec, &local);
  fmt::memory_buffer line;
  fmt::format_to(std::back_inserter(line), "{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:03} {} ", local.tm_year + 1900,
                 local.tm_mon + 1, local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec, now.tv_nsec / 1'000'000,
                 names[static_cast<int>(l)]);
  if (!who.empty()) fmt::format_to(std::back_inserter(line), "{}: ", who);
  append_clean(line, text);
  line.push_back('\n');
  const sink s = sink_.load(std::memory_order_relaxed);
  if (!(s ? s : write_to_standard_error)({line.data(), line.size()})) dropped_.fetch_add(1, std::memory_order_relaxed);
}

} // namespace

void set_level(level most) { most_.store(most, std::memory_order_relaxed); }
bool enabled(level l) { return l <= most_.load(std::memory_order_relaxed); }
void set_sink(sink s) { sink_.store(s, std::memory_order_relaxed); }
std::uint64_t dropped() { return dropped_.load(std::memory_order_relaxed); }

void write(level l, std::string_view who, std::string_view text) {
  if (!enabled(l)) return;
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  std::uint64_t missed = 0;
  const bool taken = bound_.take(now.tv_sec, missed);
  if (missed)
    emit(now, level::warning, "",
         fmt::format("{} log lines were dropped: more than {} a second", missed, lines_a_second_max));
  if (taken)
    emit(now, l, who, text);
  else
    dropped_.fetch_add(1, std::memory_order_relaxed);
}

} // namespace epollhost::log
