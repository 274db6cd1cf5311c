// Distributed under the Boost Software License, Version 1.0.
// One line of the log, as text or as JSON.
#include "base/log_line.hpp"

#include "epollhost/text.hpp"

#include <algorithm>
#include <cstdlib>
#include <iterator>

namespace epollhost::log {
namespace {

constexpr std::string_view names[] = {"", "error", "warning", "info", "debug"};
constexpr std::size_t who_bytes_max = 256;

// What stands in the line for the first character of `text`, and how many bytes of `text` that was.
struct piece {
  fmt::basic_memory_buffer<char, 16> out;
  std::size_t taken = 1;
};

piece plain(std::string_view text) {
  piece p;
  const std::size_t n = visible_length(text);
  if (n > 0) p.out.append(text.data(), text.data() + n);
  p.taken = n > 0 ? n : std::max<std::size_t>(utf8_length(text), 1);
  for (std::size_t i = 0; n == 0 && i < p.taken; ++i)
    fmt::format_to(std::back_inserter(p.out), "\\x{:02x}", static_cast<unsigned char>(text[i]));
  return p;
}

// A character above U+FFFF is two of JSON's escapes. Source: RFC 8259, section 7.
void escape(piece& p, char32_t c) {
  const auto out = std::back_inserter(p.out);
  if (c <= 0xffff)
    fmt::format_to(out, "\\u{:04x}", std::uint32_t(c));
  else
    fmt::format_to(out, "\\u{:04x}\\u{:04x}", 0xd800 + ((std::uint32_t(c) - 0x10000) >> 10),
                   0xdc00 + (std::uint32_t(c) & 0x3ff));
}

piece quoted(std::string_view text) {
  piece p;
  const std::size_t n = utf8_length(text);
  p.taken = std::max<std::size_t>(n, 1);
  if (n == 0)
    escape(p, 0xfffd);
  else if (text[0] == '"' || text[0] == '\\')
    fmt::format_to(std::back_inserter(p.out), "\\{}", text[0]);
  else if (const char32_t c = utf8_number(text.substr(0, n)); !is_visible(c))
    escape(p, c);
  else
    p.out.append(text.data(), text.data() + n);
  return p;
}

// Append until the line has `bytes_max` bytes.
void append(fmt::memory_buffer& line, format as, std::string_view text, std::size_t bytes_max) {
  constexpr std::string_view cut = "...";
  for (std::size_t last_cut = line.size(); !text.empty();) {
    const piece p = as == format::json ? quoted(text) : plain(text);
    if (line.size() + cut.size() <= bytes_max) last_cut = line.size();
    if (line.size() + p.out.size() > bytes_max) {
      line.resize(last_cut);
      line.append(cut.data(), cut.data() + cut.size());
      return;
    }
    line.append(p.out.data(), p.out.data() + p.out.size());
    text.remove_prefix(p.taken);
  }
}

// "2026-11-23T15:04:05.678+01:00", with `between` in place of the T.
void append_time(fmt::memory_buffer& line, const tm& t, long ms, char between) {
  const long zone_minutes = std::labs(t.tm_gmtoff) / 60;
  fmt::format_to(std::back_inserter(line), "{:04}-{:02}-{:02}{}{:02}:{:02}:{:02}.{:03}{}{:02}:{:02}",
                 t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, between, t.tm_hour, t.tm_min, t.tm_sec, ms,
                 t.tm_gmtoff < 0 ? '-' : '+', zone_minutes / 60, zone_minutes % 60);
}

constexpr std::string_view text_time = "2026-11-23 15:04:05.678+01:00 ";
constexpr std::string_view json_time = R"({"time":"2026-11-23T15:04:05.678+01:00","level":")";

void append_text(fmt::memory_buffer& line, const tm& t, long ms, level l, std::string_view who, std::string_view text) {
  append_time(line, t, ms, ' ');
  fmt::format_to(std::back_inserter(line), " {} ", names[static_cast<int>(l)]);
  if (!who.empty()) {
    append(line, format::text, who, line.size() + who_bytes_max);
    fmt::format_to(std::back_inserter(line), ": ");
  }
  append(line, format::text, text, line_bytes_max - 1);
  line.push_back('\n');
}

void append_json(fmt::memory_buffer& line, const tm& t, long ms, level l, std::string_view who, std::string_view text) {
  constexpr std::string_view end = "\"}\n";
  fmt::format_to(std::back_inserter(line), R"({{"time":")");
  append_time(line, t, ms, 'T');
  fmt::format_to(std::back_inserter(line), R"(","level":"{}","who":")", names[static_cast<int>(l)]);
  append(line, format::json, who, line.size() + who_bytes_max);
  fmt::format_to(std::back_inserter(line), R"(","text":")");
  append(line, format::json, text, line_bytes_max - end.size());
  line.append(end.data(), end.data() + end.size());
}

} // namespace

fmt::memory_buffer format_line(format as, const timespec& now, level l, std::string_view who, std::string_view text) {
  tm local{};
  ::localtime_r(&now.tv_sec, &local); // fails only for years beyond an int; the line is worth more than its time
  fmt::memory_buffer line;
  (as == format::json ? append_json : append_text)(line, local, now.tv_nsec / 1'000'000, l, who, text);
  return line;
}

level level_of(format as, std::string_view line) {
  const std::size_t at = (as == format::json ? json_time : text_time).size();
  const std::string_view rest = line.substr(std::min(at, line.size()));
  for (const level l : {level::error, level::warning, level::debug})
    if (rest.starts_with(names[static_cast<int>(l)])) return l;
  return level::info;
}

std::string_view without_time(std::string_view line) {
  line.remove_prefix(std::min(line.size(), text_time.size()));
  return line.substr(std::min(line.size(), line.find(' ') + 1)); // the level
}

std::string json_string(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const piece p = quoted(text);
    out.append(p.out.data(), p.out.size());
    text.remove_prefix(p.taken);
  }
  return out + '"';
}

} // namespace epollhost::log
