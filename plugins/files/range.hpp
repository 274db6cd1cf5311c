// Distributed under the Boost Software License, Version 1.0.
// Which part of a file a request asks for.

#ifndef EPOLLHOST_PLUGINS_FILES_RANGE_HPP
#define EPOLLHOST_PLUGINS_FILES_RANGE_HPP

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string_view>

namespace files {

/// What a Range field comes to: the whole file, a part of at least one byte, or none that is there (416).
struct range {
  enum class kind : std::uint8_t { whole, part, none } what = kind::whole;
  std::uint64_t offset = 0, length = 0;
  friend bool operator==(const range&, const range&) = default;
};

/// Take digits from the front; a number too large is taken as the largest. Answers whether there were any.
constexpr bool take_number(std::string_view& text, std::uint64_t& value) noexcept {
  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  const std::size_t before = text.size();
  for (value = 0; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1)) {
    const auto digit = static_cast<std::uint64_t>(text.front() - '0');
    value = value > (most - digit) / 10 ? most : value * 10 + digit;
  }
  return text.size() != before;
}

/// Read one range: "first-last", "first-" or "-suffix". One that is malformed asks for the whole, and so does the end of
/// an empty file: a suffix that is not of length 0 can be satisfied (RFC 9110 section 14.1.2), but there is no part of no
/// bytes.
constexpr range read_one_range(std::string_view text, std::uint64_t size) noexcept {
  std::uint64_t first = 0, last = 0;
  const bool has_first = take_number(text, first);
  if (!text.starts_with('-')) return {};
  text.remove_prefix(1);
  const bool has_last = take_number(text, last);
  if (!text.empty() || !(has_first || has_last) || (has_first && has_last && last < first)) return {};
  if (!has_first) {
    const std::uint64_t length = std::min(last, size);
    if (last != 0 && size == 0) return {};
    return length == 0 ? range{range::kind::none} : range{range::kind::part, size - length, length};
  }
  if (first >= size) return {range::kind::none};
  const std::uint64_t end = has_last ? std::min(last, size - 1) + 1 : size;
  return {range::kind::part, first, end - first};
}

/// Read a Range field for a file of `size` bytes. Several ranges are answered with the whole file, as a server may: so
/// no request makes more output than the file has. Empty members of the list count as none (RFC 9110 section 5.6.1).
/// Source: RFC 9110 section 14.
constexpr range read_range(std::string_view field, std::uint64_t size) noexcept {
  constexpr std::string_view unit = "bytes=";
  if (field.size() < unit.size()) return {};
  for (std::size_t i = 0; i < unit.size(); ++i) { // in any case of letters
    const char c = field[i] >= 'A' && field[i] <= 'Z' ? static_cast<char>(field[i] | 0x20) : field[i];
    if (c != unit[i]) return {};
  }
  std::string_view only, rest = field.substr(unit.size());
  for (bool more = true; more;) {
    const std::size_t comma = rest.find(',');
    std::string_view member = rest.substr(0, comma);
    more = comma != rest.npos;
    if (more) rest.remove_prefix(comma + 1);
    const std::size_t begin = member.find_first_not_of(" \t");
    if (begin == member.npos) continue;
    if (!only.empty()) return {};
    only = member.substr(begin, member.find_last_not_of(" \t") - begin + 1);
  }
  return read_one_range(only, size);
}

} // namespace files

#endif
