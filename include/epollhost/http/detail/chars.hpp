// Distributed under the Boost Software License, Version 1.0.
// Which byte may stand where in HTTP/1.1: one table of classes. Plugins may include this.

#ifndef EPOLLHOST_HTTP_DETAIL_CHARS_HPP
#define EPOLLHOST_HTTP_DETAIL_CHARS_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace epollhost::http::detail {

enum char_class : std::uint8_t {
  char_token = 1,    ///< tchar (RFC 9110 section 5.6.2)
  char_value = 2,    ///< VCHAR, obs-text, SP and HTAB (RFC 9110 section 5.5)
  char_target = 4,   ///< VCHAR but '#', which no form of target has (RFC 9112 section 3.2)
  char_name = 8,     ///< unreserved: the bytes of all host names in use (RFC 3986 section 2.3)
  char_regname = 16, ///< unreserved and sub-delims without the comma, which would split a list of hosts
  char_uri = 32,     ///< what RFC 3986 lets stand in path and query, and '%'
  char_digit = 64,
  char_hex = 128,
};

constexpr std::array<std::uint8_t, 256> make_char_table() {
  constexpr std::string_view token_marks = "!#$%&'*+-.^_`|~";
  constexpr std::string_view regname_marks = "-._~!$&'()*+;=";
  constexpr std::string_view uri_marks = "-._~!$&'()*+,;=:@/?%[]";
  std::array<std::uint8_t, 256> table{};
  for (unsigned c = 0; c < 256; ++c) {
    const char ch = static_cast<char>(c);
    const bool digit = c >= '0' && c <= '9';
    const bool alnum = digit || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    unsigned is = 0;
    if (alnum || token_marks.find(ch) != token_marks.npos) is |= char_token;
    if ((c >= 0x20 && c != 0x7f) || c == '\t') is |= char_value;
    if (c > 0x20 && c < 0x7f && c != '#') is |= char_target;
    if (alnum || ch == '-' || ch == '.' || ch == '_' || ch == '~') is |= char_name;
    if (alnum || regname_marks.find(ch) != regname_marks.npos) is |= char_regname;
    if (alnum || uri_marks.find(ch) != uri_marks.npos) is |= char_uri;
    if (digit) is |= char_digit;
    if (digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) is |= char_hex;
    table[c] = static_cast<std::uint8_t>(is);
  }
  return table;
}

inline constexpr std::array<std::uint8_t, 256> char_table = make_char_table();

constexpr bool is(char c, unsigned classes) noexcept {
  return (char_table[static_cast<unsigned char>(c)] & classes) != 0;
}

/// Return the first byte in [p, end) that is not of the class, or end.
constexpr const char* skip_bytes(const char* p, const char* end, unsigned classes) noexcept {
  while (p != end && is(*p, classes)) ++p;
  return p;
}

/// Read a word that need not be aligned.
template <class Word> Word load(const char* p) noexcept {
  Word word;
  std::memcpy(&word, p, sizeof word);
  return word;
}

/// Set the bit that tells small letters from capitals. Right for letters and '-', which is all we compare.
constexpr char lower(char c) noexcept { return static_cast<char>(c | 0x20); }

/// Compare with a text of small letters, digits and '-', in any case.
constexpr bool iequals(std::string_view text, std::string_view small) noexcept {
  if (text.size() != small.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool letter = small[i] >= 'a' && small[i] <= 'z';
    if ((letter ? lower(text[i]) : text[i]) != small[i]) return false;
  }
  return true;
}

constexpr bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }

/// Drop the white space around a value (OWS, RFC 9110 section 5.6.3).
constexpr std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// Call `visit` with each element of a comma list, empty ones too, until it says false (RFC 9110 section 5.6.1).
template <class Visit> constexpr bool each_element(std::string_view list, Visit visit) {
  for (;;) {
    const std::size_t comma = list.find(',');
    if (!visit(trim(list.substr(0, comma)))) return false;
    if (comma == list.npos) return true;
    list.remove_prefix(comma + 1);
  }
}

} // namespace epollhost::http::detail

#endif
