// Distributed under the Boost Software License, Version 1.0.
// Text from outside: checks it, and shows it in messages.
#include "cli/text.hpp"

#include "cli/failure.hpp"
#include "epollhost/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace epollhost::cli {
namespace {

// Whole characters, until `most` bytes are reached; answers how many that were.
std::size_t append_printable(std::string_view text, std::size_t most, std::string& out) {
  std::size_t at = 0;
  while (at < text.size() && at < most) {
    const std::string_view character = text.substr(at, std::max<std::size_t>(utf8_length(text.substr(at)), 1));
    append_visible(out, character);
    at += character.size();
  }
  return at;
}

} // namespace

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string printable(std::string_view message) {
  std::string out;
  append_printable(message, message.size(), out);
  return out;
}

std::string printable_lines(std::string_view text) {
  std::string out;
  for (std::size_t end; (end = text.find('\n')) != text.npos; text.remove_prefix(end + 1))
    out += printable(text.substr(0, end)) + '\n';
  return out + printable(text);
}

std::string in_quotes(std::string_view text) {
  std::string inner;
  const std::size_t shown = append_printable(text, in_quotes_bytes_max, inner);
  std::string out = "\"";
  for (const char c : inner) {
    if (c == '"') out += '\\';
    out += c;
  }
  out += '"';
  if (shown < text.size()) out += fmt::format("... ({} bytes)", text.size());
  return out;
}

void check_text(std::string_view text, std::string_view name) {
  const auto what = [&] { return name.empty() ? in_quotes(text) : std::string(name); };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_length(text.substr(at));
    if (text[at] == '\0')
      throw bad_value(fmt::format("{} has a zero byte at position {}; expected text without one", what(), at + 1));
    if (length == 0)
      throw bad_value(fmt::format("{} is not UTF-8 (byte 0x{:02x} at position {}); expected text in UTF-8", what(),
                                  static_cast<std::uint8_t>(text[at]), at + 1));
    at += length;
  }
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string listed(const std::vector<std::string>& words, std::string_view last) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 == words.size() ? fmt::format(" {} ", last) : ", ";
    out += words[i];
  }
  return out;
}

} // namespace epollhost::cli
