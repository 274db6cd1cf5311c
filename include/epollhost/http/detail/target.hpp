// Distributed under the Boost Software License, Version 1.0.
// Tells the four forms of a request target apart and checks each. Plugins may include this.

#ifndef EPOLLHOST_HTTP_DETAIL_TARGET_HPP
#define EPOLLHOST_HTTP_DETAIL_TARGET_HPP

#include <epollhost/http/detail/authority.hpp>
#include <epollhost/http/detail/chars.hpp>
#include <epollhost/http/error.hpp>
#include <epollhost/http/request.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace epollhost::http::detail {

/// What a target was found to be. The authority of absolute-form is a place within the target.
struct target_parts {
  error why = error::none;
  target_form form = target_form::origin;
  std::uint32_t authority_at = 0;
  std::uint32_t authority_size = 0;
};

/// Check that all bytes are those of RFC 3986 and that each '%' has its two digits; asked for by `limits::strict`.
constexpr bool is_strict_target(std::string_view target) noexcept {
  for (std::size_t i = 0; i < target.size(); ++i) {
    if (!is(target[i], char_uri)) return false;
    if (target[i] != '%') continue;
    if (target.size() - i < 3 || !is(target[i + 1], char_hex) || !is(target[i + 2], char_hex)) return false;
    i += 2;
  }
  return true;
}

/// Take a target that is neither "*" nor begins with '/', for a method other than CONNECT: `http(s)://authority...`.
/// An authority is not empty and has no userinfo (RFC 9110 section 4.2.4).
constexpr target_parts absolute_target(std::string_view target) noexcept {
  const std::size_t colon = target.find("://");
  const std::string_view scheme = target.substr(0, colon);
  if (colon == target.npos || !(iequals(scheme, "http") || iequals(scheme, "https")))
    return {is_authority(target) ? error::target_form : error::target_syntax};
  const std::size_t begin = colon + 3;
  const std::size_t end = target.find_first_of("/?", begin);
  const std::string_view authority = target.substr(begin, end == target.npos ? end : end - begin);
  if (!is_authority(authority)) return {error::target_syntax};
  return {error::none, target_form::absolute, static_cast<std::uint32_t>(begin),
          static_cast<std::uint32_t>(authority.size())};
}

/// Find out which form a target has (RFC 9112 section 3.2). It is not empty and holds no byte that no target may hold.
constexpr target_parts classify_target(std::string_view target, method asked) noexcept {
  if (asked == method::connect) {
    const std::size_t colon = target.rfind(':');
    const bool port = colon != target.npos && colon + 1 != target.size();
    if (target[0] == '/' || target == "*") return {error::target_form};
    return {port && is_authority(target) ? error::none : error::target_syntax, target_form::authority};
  }
  if (target[0] == '/') return {};
  if (target == "*") return {asked == method::options ? error::none : error::target_form, target_form::asterisk};
  return absolute_target(target);
}

} // namespace epollhost::http::detail

#endif
