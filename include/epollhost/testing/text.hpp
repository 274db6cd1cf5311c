// Distributed under the Boost Software License, Version 1.0.
// Bytes as a reader of messages wants them. Plugins may include this (their tests, through testing.hpp).
#ifndef EPOLLHOST_TESTING_TEXT_HPP
#define EPOLLHOST_TESTING_TEXT_HPP

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace epollhost::testing {

/// The most bytes that a message shows of one text, unless it asks for more.
inline constexpr std::size_t shown_bytes_max = 400;

namespace detail {

inline void append_escaped(std::string& to, std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\r')
      to += "\\r";
    else if (c == '\n')
      to += "\\n";
    else if (c == '\t')
      to += "\\t";
    else if (c == '"' || c == '\\')
      (to += '\\') += c;
    else if (byte < 0x20 || byte >= 0x7f)
      ((to += "\\x") += digits[byte >> 4]) += digits[byte & 15];
    else
      to += c;
  }
}

} // namespace detail

/// The bytes in quotes and with escapes, as C++ writes them; of long ones the middle is left out.
inline std::string escaped(std::string_view bytes, std::size_t most = shown_bytes_max) {
  std::string out = "\"";
  if (bytes.size() <= most) {
    detail::append_escaped(out, bytes);
  } else {
    const std::size_t half = most / 2;
    detail::append_escaped(out, bytes.substr(0, half));
    out += "\" ... " + std::to_string(bytes.size() - 2 * half) + " bytes ... \"";
    detail::append_escaped(out, bytes.substr(bytes.size() - half));
  }
  return out += '"';
}

/// Lines that say how two texts differ; empty if they do not.
inline std::string difference(std::string_view expected, std::string_view found) {
  if (expected == found) return {};
  const auto at = static_cast<std::size_t>(
      std::mismatch(expected.begin(), expected.end(), found.begin(), found.end()).first - expected.begin());
  const std::size_t from = at < shown_bytes_max / 2 ? 0 : at - shown_bytes_max / 2; // so that the place is shown
  const auto line = [&](const char* word, std::string_view text) {
    return std::string("  ") + word + " " + std::to_string(text.size()) + " bytes" +
           (from ? ", from byte " + std::to_string(from) : std::string()) + ": " +
           escaped(text.substr(std::min(from, text.size()), shown_bytes_max)) + "\n";
  };
  return line("expected", expected) + line("found   ", found) + "  they differ from byte " + std::to_string(at) + "\n";
}

} // namespace epollhost::testing

#endif
