// Distributed under the Boost Software License, Version 1.0.
// One line of the log, as text or as JSON.
#ifndef EPOLLHOST_BASE_LOG_LINE_HPP
#define EPOLLHOST_BASE_LOG_LINE_HPP

#include "base/log.hpp"

#include <time.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace epollhost::log {

/// A line with its '\n' is never longer. It is PIPE_BUF, so that one write() into a pipe takes all of it or nothing.
inline constexpr std::size_t line_bytes_max = 4096;

/// A line with its '\n', in local time:
///   text  2026-11-23 15:04:05.678+01:00 info who: text       bytes of what is not visible become \xNN
///   json  {"time":"2026-11-23T15:04:05.678+01:00","level":"info","who":"who","text":"text"}
///                                                            what is not visible becomes \uNNNN, what is no
///                                                            UTF-8 U+FFFD
/// <epollhost/text.hpp> says what is visible. What is too long is cut between characters, and ends in "...".
fmt::memory_buffer format_line(format as, const timespec& now, level l, std::string_view who, std::string_view text);

/// The level that a line made by format_line() has; info if it was made by somebody else. The log process only sees
/// lines, and syslog wants the level.
level level_of(format as, std::string_view line);

/// A text line without its time and level.
std::string_view without_time(std::string_view line);

/// `text` as a JSON string, with its quotes.
std::string json_string(std::string_view text);

} // namespace epollhost::log

#endif
