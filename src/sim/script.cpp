// Distributed under the Boost Software License, Version 1.0.
// Conversations from a file.
#include "sim/script.hpp"

#include "cli/failure.hpp"
#include "cli/text.hpp"
#include "cli/value.hpp"
#include "epollhost/plugin.h"
#include "net/file.hpp"

#include <fmt/format.h>

#include <optional>

namespace epollhost::sim {
namespace {

constexpr std::size_t script_bytes_max = 16 * 1024 * 1024;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char small = static_cast<char>(c | 0x20);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

// The character that an escape stands for; `at` is behind the backslash and moves behind the escape.
std::optional<char> escaped(std::string_view text, std::size_t& at) {
  if (at == text.size()) return {};
  switch (const char c = text[at++]) {
  case 'r': return '\r';
  case 'n': return '\n';
  case 't': return '\t';
  case '0': return '\0';
  case '\\':
  case '"': return c;
  case 'x': {
    if (at + 2 > text.size()) return {};
    const int high = hex_digit(text[at]), low = hex_digit(text[at + 1]);
    at += 2;
    return high < 0 || low < 0 ? std::nullopt : std::optional(static_cast<char>(high * 16 + low));
  }
  default: return {};
  }
}

struct line_reader {
  const std::string& file;
  unsigned number;

  [[noreturn]] void refuse(const std::string& why) const {
    throw bad_script(fmt::format("{}:{}: {}", file, number, why));
  }

  std::string bytes(std::string_view word, std::string_view rest) const {
    if (rest.size() < 2 || rest.front() != '"' || rest.back() != '"')
      refuse(fmt::format("{} is followed by {}; expected bytes in double quotes", word, cli::in_quotes(rest)));
    std::string out;
    const std::string_view inner = rest.substr(1, rest.size() - 2);
    for (std::size_t at = 0; at < inner.size();) {
      const char c = inner[at++];
      if (c == '"') refuse("a double quote inside the bytes; write \\\"");
      const auto real = c == '\\' ? escaped(inner, at) : c;
      if (!real) refuse("an unknown escape; there are \\r \\n \\t \\0 \\\\ \\\" and \\xNN");
      out += *real;
    }
    if (out.empty()) refuse(fmt::format("{} has no bytes; leave the line out", word));
    return out;
  }

  std::int64_t duration(std::string_view rest) const {
    option_description duration;
    duration.type = EH_DURATION;
    try {
      const std::int64_t ns = cli::parse_value(duration, rest).integer;
      if (ns >= 0) return ns;
    } catch (const cli::bad_value&) { // said below
    }
    refuse(fmt::format("pause is followed by {}; expected a duration, such as 20ms", cli::in_quotes(rest)));
  }

  step parse(std::string_view line) const {
    using kind = step::kind;
    const std::size_t blank = line.find_first_of(" \t");
    const std::string_view word = line.substr(0, blank);
    const std::string_view rest = cli::trimmed(blank == line.npos ? std::string_view() : line.substr(blank));
    if (word == "send") return {kind::send, bytes(word, rest), 0};
    if (word == "expect") return {kind::expect, bytes(word, rest), 0};
    if (word == "pause") return {kind::pause, {}, duration(rest)};
    const bool ends = word == "finish" || word == "close" || word == "reset";
    if (!ends)
      refuse(
          fmt::format("unknown step {}; there are send, expect, pause, finish, close and reset", cli::in_quotes(word)));
    if (!rest.empty()) refuse(fmt::format("{} takes nothing behind it; found {}", word, cli::in_quotes(rest)));
    return {word == "finish" ? kind::finish : word == "close" ? kind::close : kind::reset, {}, 0};
  }
};

bool is_end(const step& s) { return s.what == step::kind::close || s.what == step::kind::reset; }

} // namespace

conversation parse_script(std::string_view text, const std::string& file) {
  conversation out;
  bool finished = false;
  for (unsigned number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const std::string_view line = cli::trimmed(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    if (line.empty() || line.front() == '#') continue;
    const line_reader reader{file, number};
    step s = reader.parse(line);
    if (!out.empty() && is_end(out.back())) reader.refuse("nothing can follow close or reset");
    if (finished && s.what == step::kind::send) reader.refuse("nothing can be sent after finish");
    finished = finished || s.what == step::kind::finish;
    out.push_back(std::move(s));
  }
  if (out.empty()) throw bad_script(fmt::format("{}: it has no steps", file));
  if (!finished && !is_end(out.back())) out.push_back({step::kind::finish, {}, 0});
  return out;
}

conversation read_script(const std::string& file) {
  const net::file_content read = net::read_named_file(file, script_bytes_max);
  if (!read.fault.empty()) throw bad_script(fmt::format("{}: it {}", file, read.fault));
  return parse_script(read.text, file);
}

} // namespace epollhost::sim
