// Distributed under the Boost Software License, Version 1.0.
// The methods of HTTP/1.1 as an enumeration. Plugins may include this.

#ifndef EPOLLHOST_HTTP_METHOD_HPP
#define EPOLLHOST_HTTP_METHOD_HPP

#include <cstdint>
#include <string_view>

namespace epollhost::http {

/// Name a request's method. `other` is a token that none of these names (RFC 9110 section 9.1; RFC 5789 for PATCH).
enum class method : std::uint8_t { other, get, head, post, put, erase, connect, options, trace, patch };

/// Return the method of this name, which is case-sensitive, or `method::other`. `DELETE` is called `erase`, since C++
/// has taken the word.
constexpr method method_of(std::string_view name) noexcept {
  switch (name.size()) {
  case 3: return name == "GET" ? method::get : name == "PUT" ? method::put : method::other;
  case 4: return name == "HEAD" ? method::head : name == "POST" ? method::post : method::other;
  case 5: return name == "PATCH" ? method::patch : name == "TRACE" ? method::trace : method::other;
  case 6: return name == "DELETE" ? method::erase : method::other;
  case 7: return name == "OPTIONS" ? method::options : name == "CONNECT" ? method::connect : method::other;
  default: return method::other;
  }
}

} // namespace epollhost::http

#endif
