// Distributed under the Boost Software License, Version 1.0.
// Text from outside: checks it, and shows it in messages.
#include "cli/text.hpp"

#include "base/control_character.hpp"
#include "cli/failure.hpp"

#include <fmt/format.h>

#include <cstdint>

namespace epollhost::cli {
namespace {

// Bytes of the well-formed character at the start of `text`, 0 if there is none. Source: RFC 3629, section 4.
std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<std::uint8_t>(text[i]) : 0u; };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xc0u) == 0x80u; };
  const unsigned first = byte(0);
  if (text.empty()) return 0;
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return tail(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const bool overlong = first == 0xe0 && byte(1) < 0xa0;
    const bool surrogate = first == 0xed && byte(1) > 0x9f;
    return tail(1) && tail(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const bool overlong = first == 0xf0 && byte(1) < 0x90;
    const bool beyond = first == 0xf4 && byte(1) > 0x8f;
    return tail(1) && tail(2) && tail(3) && !overlong && !beyond ? 4 : 0;
  }
  return 0;
}

// C0, DEL and C1 would act on the terminal.
bool is_control(std::string_view character) {
  const auto first = static_cast<std::uint8_t>(character[0]);
  if (character.size() == 1) return epollhost::is_control(character[0]);
  return first == 0xc2 && static_cast<std::uint8_t>(character[1]) < 0xa0;
}

// Whole characters, until `most` bytes are reached; answers how many that were.
std::size_t append_printable(std::string_view text, std::size_t most, std::string& out) {
  std::size_t at = 0;
  while (at < text.size() && at < most) {
    const std::size_t length = character_length(text.substr(at));
    const std::string_view character = text.substr(at, length ? length : 1);
    if (length && !is_control(character))
      out += character;
    else
      for (const char c : character) out += fmt::format("\\x{:02x}", static_cast<std::uint8_t>(c));
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
    const std::size_t length = character_length(text.substr(at));
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
