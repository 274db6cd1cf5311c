// Distributed under the Boost Software License, Version 1.0.
// Checks `uri-host [":" port]`, in Host and in targets. Plugins may include this.

#ifndef EPOLLHOST_HTTP_DETAIL_AUTHORITY_HPP
#define EPOLLHOST_HTTP_DETAIL_AUTHORITY_HPP

#include <epollhost/http/detail/chars.hpp>

#include <cstddef>
#include <string_view>

namespace epollhost::http::detail {

/// Check the port: digits up to 65535; none at all is allowed behind the colon (RFC 3986 section 3.2.3).
constexpr bool is_port(std::string_view text) noexcept {
  while (text.size() > 5 && text[0] == '0') text.remove_prefix(1);
  if (text.size() > 5) return false;
  if (text.size() < 5)
    return skip_bytes(text.data(), text.data() + text.size(), char_digit) == text.data() + text.size();
  unsigned value = 0;
  for (const char c : text) {
    const auto digit = static_cast<unsigned>(c) - '0';
    if (digit > 9) return false;
    value = value * 10 + digit;
  }
  return value <= 65535;
}

/// Check four decimal numbers up to 255 without leading zeros (RFC 3986 section 3.2.2).
constexpr bool is_ipv4(std::string_view text) noexcept {
  for (int part = 0; part < 4; ++part) {
    std::size_t digits = 0;
    unsigned value = 0;
    while (digits < text.size() && digits < 4 && is(text[digits], char_digit))
      value = value * 10 + static_cast<unsigned>(text[digits++] - '0');
    if (digits == 0 || value > 255 || (digits > 1 && text[0] == '0')) return false;
    text.remove_prefix(digits);
    if (part == 3) return text.empty();
    if (text.empty() || text[0] != '.') return false;
    text.remove_prefix(1);
  }
  return false;
}

/// Check an IPv6 address: eight groups of one to four hexadecimal digits, the last two perhaps as IPv4, one run of
/// groups perhaps left out as "::" (RFC 3986 section 3.2.2).
constexpr bool is_ipv6(std::string_view text) noexcept {
  int groups = 0;
  bool gap = false;
  if (text.substr(0, 2) == "::") {
    gap = true;
    text.remove_prefix(2);
  }
  while (!text.empty()) {
    const std::size_t colon = text.find(':');
    const std::string_view group = text.substr(0, colon);
    if (group.find('.') != group.npos) {
      if (colon != text.npos || !is_ipv4(group)) return false;
      groups += 2;
      break;
    }
    if (group.empty() || group.size() > 4) return false;
    for (const char c : group)
      if (!is(c, char_hex)) return false;
    if (++groups > 8) return false;
    if (colon == text.npos) break;
    text.remove_prefix(colon + 1);
    if (text.empty()) return false; // a single colon at the end
    if (text[0] == ':') {
      if (gap) return false;
      gap = true;
      text.remove_prefix(1);
    }
  }
  return gap ? groups <= 7 : groups == 8;
}

/// Check what stands between the brackets: an IPv6 address, or `"v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" )`.
constexpr bool is_ip_literal(std::string_view text) noexcept {
  if (text.empty() || lower(text[0]) != 'v') return is_ipv6(text);
  const std::size_t dot = text.find('.');
  if (dot == text.npos || dot < 2 || dot + 1 == text.size()) return false;
  for (const char c : text.substr(1, dot - 1))
    if (!is(c, char_hex)) return false;
  for (const char c : text.substr(dot + 1))
    if (!is(c, char_regname) && c != ':') return false;
  return true;
}

/// Check a registered name or an IPv4 address. A comma is refused though RFC 3986 names it: two Host fields that
/// somebody in between has joined look like that.
constexpr bool is_reg_name(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is(text[i], char_regname)) continue;
    if (text[i] != '%' || text.size() - i < 3) return false;
    if (!is(text[i + 1], char_hex) || !is(text[i + 2], char_hex)) return false;
    i += 2;
  }
  return !text.empty();
}

/// Check `uri-host [":" port]` (RFC 9110 section 7.2) with a host that is not empty and without userinfo.
constexpr bool is_authority(std::string_view text) noexcept {
  if (!text.empty() && text[0] == '[') {
    const std::size_t bracket = text.find(']');
    if (bracket == text.npos || !is_ip_literal(text.substr(1, bracket - 1))) return false;
    text.remove_prefix(bracket + 1);
    return text.empty() || (text[0] == ':' && is_port(text.substr(1)));
  }
  const std::size_t colon = text.find(':');
  if (colon != text.npos && !is_port(text.substr(colon + 1))) return false;
  return is_reg_name(text.substr(0, colon));
}

} // namespace epollhost::http::detail

#endif
