// Distributed under the Boost Software License, Version 1.0.
// Text that is safe to show on a terminal and to write into a log. Plugins may include this.
//
// The one place that decides which characters those are: the host's log, messages, --status and --help use it, and so
// may a plugin that passes on what peers have sent.
#ifndef EPOLLHOST_TEXT_HPP
#define EPOLLHOST_TEXT_HPP

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace epollhost {

/// The bytes of the well-formed UTF-8 character at the start of `text`; 0 if there is none: an overlong form, a
/// surrogate, a number above U+10FFFF, a character that is cut off. Source: RFC 3629, section 4.
constexpr std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<std::uint8_t>(text[i]) : std::uint8_t(0); };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const std::uint8_t a = byte(0), b = byte(1);
  if (text.empty()) return 0;
  if (a < 0x80) return 1;
  if (a < 0xc2 || a > 0xf4 || !tail(1)) return 0;
  if (a < 0xe0) return 2;
  if ((a == 0xe0 && b < 0xa0) || (a == 0xed && b > 0x9f) || !tail(2)) return 0;
  if (a < 0xf0) return 3;
  if ((a == 0xf0 && b < 0x90) || (a == 0xf4 && b > 0x8f) || !tail(3)) return 0;
  return 4;
}

/// The number of a well-formed character, of all bytes that utf8_length() found.
constexpr char32_t utf8_number(std::string_view character) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(character[i]); };
  if (character.size() == 1) return byte(0);
  char32_t out = byte(0) & (0xff >> (character.size() + 1));
  for (std::size_t i = 1; i < character.size(); ++i) out = out << 6 | (byte(i) & 0x3f);
  return out;
}

/// Whether a character only shows itself. Not so: controls (C0, DEL, C1), which a terminal obeys; line and paragraph
/// separators; what turns the direction of text round; what is invisible; and what Unicode says is no character.
constexpr bool is_visible(char32_t c) {
  struct range {
    char32_t first, last;
  };
  if (c >= 0x20 && c < 0x7f) return true;
  if (c < 0xa0 || (c & 0xfffe) == 0xfffe) return false;
  constexpr range hidden[] = {{0x00ad, 0x00ad},   {0x034f, 0x034f},   {0x061c, 0x061c},   {0x115f, 0x1160},
                              {0x17b4, 0x17b5},   {0x180b, 0x180f},   {0x200b, 0x200f},   {0x2028, 0x202e},
                              {0x2060, 0x206f},   {0x3164, 0x3164},   {0xd800, 0xdfff},   {0xfdd0, 0xfdef},
                              {0xfeff, 0xfeff},   {0xffa0, 0xffa0},   {0xfff0, 0xfffb},   {0x1bca0, 0x1bca3},
                              {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff}, {0x110000, ~char32_t(0)}};
  for (const range& r : hidden)
    if (c >= r.first && c <= r.last) return false;
  return true;
}

/// The bytes of the character at the start of `text` if it is well-formed and visible, else 0.
constexpr std::size_t visible_length(std::string_view text) {
  const std::size_t n = utf8_length(text);
  return n > 0 && is_visible(utf8_number(text.substr(0, n))) ? n : 0;
}

/// Whether all of the text is well-formed and visible.
constexpr bool is_visible(std::string_view text) {
  while (!text.empty()) {
    const std::size_t n = visible_length(text);
    if (n == 0) return false;
    text.remove_prefix(n);
  }
  return true;
}

/// Call shown(std::string_view) for each run of visible characters, and hidden(std::string_view) for all bytes of each
/// other character, or for one byte of what is none.
template <class Shown, class Hidden> constexpr void split_visible(std::string_view text, Shown shown, Hidden hidden) {
  while (!text.empty()) {
    std::size_t run = 0;
    for (std::size_t n; (n = visible_length(text.substr(run))) > 0;) run += n;
    if (run > 0) shown(text.substr(0, run));
    text.remove_prefix(run);
    if (text.empty()) return;
    const std::size_t n = utf8_length(text);
    hidden(text.substr(0, n ? n : 1));
    text.remove_prefix(n ? n : 1);
  }
}

/// Append the text to a string; each byte of what is not visible becomes \\xNN.
template <class String> void append_visible(String& to, std::string_view text) {
  constexpr char digits[] = "0123456789abcdef";
  split_visible(
      text, [&](std::string_view run) { to.append(run.data(), run.size()); },
      [&](std::string_view bytes) {
        for (const char c : bytes) {
          const auto b = static_cast<std::uint8_t>(c);
          const char escape[] = {'\\', 'x', digits[b >> 4], digits[b & 15]};
          to.append(escape, sizeof escape);
        }
      });
}

} // namespace epollhost

#endif
