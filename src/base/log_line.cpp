// Distributed under the Boost Software License, Version 1.0.
// One line of the log, as text or as JSON.
#include "base/log_line.hpp"

#include "base/control_character.hpp"

#include <algorithm>
#include <cstdlib>
#include <iterator>

namespace epollhost::log {
namespace {

constexpr std::string_view names[] = {"", "error", "warning", "info", "debug"};
constexpr std::size_t who_bytes_max = 256;

bool continues(unsigned char c) { return (c & 0xc0) == 0x80; }

// The length of the UTF-8 character that `text` begins with, 0 if it begins with none: no overlong form, no surrogate,
// nothing above U+10FFFF.
std::size_t character(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(i < text.size() ? text[i] : 0); };
  const unsigned char a = at(0), b = at(1);
  if (a < 0x80) return 1;
  if (a < 0xc2 || a > 0xf4 || !continues(b)) return 0;
  if (a < 0xe0) return 2;
  if ((a == 0xe0 && b < 0xa0) || (a == 0xed && b > 0x9f) || !continues(at(2))) return 0;
  if (a < 0xf0) return 3;
  if ((a == 0xf0 && b < 0x90) || (a == 0xf4 && b > 0x8f) || !continues(at(3))) return 0;
  return 4;
}

// What stands in the line for the first character of `text`, and how many bytes of `text` that was.
struct piece {
  fmt::basic_memory_buffer<char, 16> out;
  std::size_t taken = 1;
};

piece plain(std::string_view text) {
  piece p;
  if (is_control(text[0]))
    fmt::format_to(std::back_inserter(p.out), "\\x{:02x}", static_cast<unsigned char>(text[0]));
  else
    p.out.push_back(text[0]);
  return p;
}

piece quoted(std::string_view text) {
  piece p;
  const std::size_t n = character(text);
  if (n == 0)
    fmt::format_to(std::back_inserter(p.out), "\\ufffd");
  else if (text[0] == '"' || text[0] == '\\')
    fmt::format_to(std::back_inserter(p.out), "\\{}", text[0]);
  else if (is_control(text[0]))
    fmt::format_to(std::back_inserter(p.out), "\\u{:04x}", static_cast<unsigned char>(text[0]));
  else
    p.out.append(text.data(), text.data() + (p.taken = n));
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

void append_text(fmt::memory_buffer& line, const tm& t, long ms, level l, std::string_view who, std::string_view text) {
  fmt::format_to(std::back_inserter(line), "{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:03} {} ", t.tm_year + 1900,
                 t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec, ms, names[static_cast<int>(l)]);
  if (!who.empty()) {
    append(line, format::text, who, line.size() + who_bytes_max);
    fmt::format_to(std::back_inserter(line), ": ");
  }
  append(line, format::text, text, line_bytes_max - 1);
  line.push_back('\n');
}

void append_json(fmt::memory_buffer& line, const tm& t, long ms, level l, std::string_view who, std::string_view text) {
  constexpr std::string_view end = "\"}\n";
  const long zone_minutes = std::labs(t.tm_gmtoff) / 60;
  fmt::format_to(std::back_inserter(line),
                 R"({{"time":"{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}{}{:02}:{:02}","level":"{}","who":")",
                 t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec, ms,
                 t.tm_gmtoff < 0 ? '-' : '+', zone_minutes / 60, zone_minutes % 60, names[static_cast<int>(l)]);
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
  constexpr std::string_view text_time = "2026-11-23 15:04:05.678 ";
  constexpr std::string_view json_time = R"({"time":"2026-11-23T15:04:05.678+01:00","level":")";
  const std::size_t at = (as == format::json ? json_time : text_time).size();
  const std::string_view rest = line.substr(std::min(at, line.size()));
  for (const level l : {level::error, level::warning, level::debug})
    if (rest.starts_with(names[static_cast<int>(l)])) return l;
  return level::info;
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
