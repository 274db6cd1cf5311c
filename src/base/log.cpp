// Distributed under the Boost Software License, Version 1.0.
// The host's log: whole lines, bounded a second, never blocking.
#include "base/log.hpp"

#include "base/journal.hpp"
#include "base/log_line.hpp"

#include <poll.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <iterator>
#include <mutex>
#include <new>
#include <utility>

namespace epollhost::log {
namespace {

std::atomic<level> most_{level::info};
std::atomic<sink> sink_{nullptr};
std::atomic<format> format_{format::text};
std::atomic<bool> show_process_{false};
std::atomic<std::uint64_t> dropped_{0};
std::atomic<std::uint64_t> unsaid_{0}; // dropped by the sink, and no line has said so yet

// The standard error may be a pipe whose reader has stopped. A line no longer than PIPE_BUF, and none is, into a pipe
// that polls writable never blocks.

bool write_to_standard_error(std::string_view line) {
  pollfd p{STDERR_FILENO, POLLOUT, 0};
  if (::poll(&p, 1, 0) != 1 || !(p.revents & POLLOUT)) return false;
  ssize_t n = 0;
  do n = ::write(STDERR_FILENO, line.data(), line.size());
  while (n < 0 && errno == EINTR);
  return n == static_cast<ssize_t>(line.size());
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

bool emit(const timespec& now, level l, std::string_view who, std::string_view text) {
  const format as = format_.load(std::memory_order_relaxed);
  const sink s = sink_.load(std::memory_order_relaxed);
  static const bool journal = standard_error_is_journal();
  std::string with_process;
  if (show_process_.load(std::memory_order_relaxed) || (!s && journal))
    who = with_process = fmt::format("{}[{}]", who.empty() ? "epollhost" : who, ::getpid());
  const fmt::memory_buffer line = format_line(as, now, l, who, text);
  if (s) return s({line.data(), line.size()});
  return journal ? write_to_standard_error(journal_line(as, {line.data(), line.size()}))
                 : write_to_standard_error({line.data(), line.size()});
}

// Say how many lines the sink did not take, if it takes that.
void say_dropped(const timespec& now) {
  if (unsaid_.load(std::memory_order_relaxed) == 0) return;
  const std::uint64_t n = unsaid_.exchange(0, std::memory_order_relaxed);
  if (n && !emit(now, level::warning, "", fmt::format("{} log lines were dropped: the log did not take them", n)))
    unsaid_.fetch_add(n, std::memory_order_relaxed);
}

void lose() {
  dropped_.fetch_add(1, std::memory_order_relaxed);
  unsaid_.fetch_add(1, std::memory_order_relaxed);
}

void write_bounded(level l, std::string_view who, std::string_view text) {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  std::uint64_t missed = 0;
  const bool taken = bound_.take(now.tv_sec, missed);
  if (missed)
    emit(now, level::warning, "",
         fmt::format("{} log lines were dropped: more than {} a second", missed, lines_a_second_max));
  if (taken) say_dropped(now);
  if (taken && emit(now, l, who, text)) return;
  if (taken) return lose();
  dropped_.fetch_add(1, std::memory_order_relaxed);
}

} // namespace

void set_level(level most) { most_.store(most, std::memory_order_relaxed); }
bool enabled(level l) { return l <= most_.load(std::memory_order_relaxed); }
void set_sink(sink s) { sink_.store(s, std::memory_order_relaxed); }
void show_process(bool on) { show_process_.store(on, std::memory_order_relaxed); }
void set_format(format f) { format_.store(f, std::memory_order_relaxed); }
std::uint64_t dropped() { return dropped_.load(std::memory_order_relaxed); }

void write(level l, std::string_view who, std::string_view text) {
  if (!enabled(l)) return;
  try {
    write_bounded(l, who, text);
  } catch (const std::bad_alloc&) { // whoever logs has not failed for it
    lose();
  }
}

void format_and_write(level l, std::string_view who, fmt::string_view text, fmt::format_args args) {
  try {
    fmt::memory_buffer line;
    fmt::vformat_to(std::back_inserter(line), text, args);
    write(l, who, {line.data(), line.size()});
  } catch (const std::bad_alloc&) {
    lose();
  }
}

} // namespace epollhost::log
