// Distributed under the Boost Software License, Version 1.0.
// The host's log: whole lines, bounded a second, never blocking.
#ifndef EPOLLHOST_BASE_LOG_HPP
#define EPOLLHOST_BASE_LOG_HPP

#include <fmt/format.h>

#include <cstdint>
#include <string_view>

namespace epollhost::log {

enum class level { error = 1, warning, info, debug };
enum class format { text, json };

/// Takes one line with its '\n'; answers whether it was taken. Must not block. [any thread]
using sink = bool (*)(std::string_view line);

/// Lines a second that are written; what is above is dropped and counted in a line of its own.
inline constexpr unsigned lines_a_second_max = 1000;

void set_level(level most);
bool enabled(level l);

/// Where lines go; null is the standard error of the process. Set before threads start.
void set_sink(sink s);

/// Whether lines name their process behind `who`, as "who[1234]": for the journal, which credits all lines to the
/// process that writes them there. Set before threads start.
void show_process(bool on);

/// How lines look; see base/log_line.hpp. Set before threads start.
void set_format(format f);

/// Write one line: time, level, `who` (a plugin's instance; may be empty), text. Control characters in `text` are shown
/// escaped, so that a peer's bytes cannot forge a line. A line that there is no memory for is dropped. [any thread]
void write(level l, std::string_view who, std::string_view text);

/// Lines dropped since the start, because of the bound, for want of memory, or because the sink did not take them. Both
/// are also said in a line of their own when there is room for one again.
std::uint64_t dropped();

/// As write(), of what fmt::format() would make. A line that there is no memory for is dropped. [any thread]
void format_and_write(level l, std::string_view who, fmt::string_view text, fmt::format_args args);

template <class... A> void error(std::string_view who, fmt::format_string<A...> text, A&&... args) {
  format_and_write(level::error, who, text, fmt::make_format_args(args...));
}
template <class... A> void warning(std::string_view who, fmt::format_string<A...> text, A&&... args) {
  if (enabled(level::warning)) format_and_write(level::warning, who, text, fmt::make_format_args(args...));
}
template <class... A> void info(std::string_view who, fmt::format_string<A...> text, A&&... args) {
  if (enabled(level::info)) format_and_write(level::info, who, text, fmt::make_format_args(args...));
}
template <class... A> void debug(std::string_view who, fmt::format_string<A...> text, A&&... args) {
  if (enabled(level::debug)) format_and_write(level::debug, who, text, fmt::make_format_args(args...));
}

} // namespace epollhost::log

#endif
