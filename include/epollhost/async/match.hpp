// Distributed under the Boost Software License, Version 1.0.
// Where a message in the unread input ends. Plugins may include this (through async.hpp).
#ifndef EPOLLHOST_ASYNC_MATCH_HPP
#define EPOLLHOST_ASYNC_MATCH_HPP

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>
#include <utility>

namespace epollhost::detail {

/// A match answers the length of the message that begins the unread input; or `incomplete`, and in `want` how many
/// bytes there must be before it is worth to look again. One object serves one message: it may remember where it
/// looked.
inline constexpr std::size_t incomplete = ~std::size_t(0);
inline constexpr std::size_t too_long = incomplete - 1; ///< or will be

/// Holds another match to a limit of the caller.
template <class Match> struct limited {
  static constexpr const char* name = Match::name;
  std::size_t operator()(std::string_view in, std::size_t& want) {
    const std::size_t length = match(in, want);
    if (length <= in.size()) return length <= most ? length : too_long;
    return in.size() < most && want <= most ? incomplete : too_long;
  }
  Match match;
  std::size_t most;
};

struct any_bytes {
  static constexpr const char* name = "async_read_some";
  std::size_t operator()(std::string_view in, std::size_t& want) const {
    want = 1;
    return in.empty() && most > 0 ? incomplete : std::min(in.size(), most);
  }
  std::size_t most;
};

struct exactly {
  static constexpr const char* name = "async_read";
  std::size_t operator()(std::string_view in, std::size_t& want) const {
    want = bytes;
    return in.size() >= bytes ? bytes : incomplete;
  }
  std::size_t bytes;
};

struct until_char {
  static constexpr const char* name = "async_read_until";
  std::size_t operator()(std::string_view in, std::size_t& want) {
    if (in.size() > seen)
      if (const void* const at = std::memchr(in.data() + seen, delimiter, in.size() - seen))
        return std::size_t(static_cast<const char*>(at) - in.data()) + 1;
    seen = in.size();
    want = seen + 1;
    return incomplete;
  }
  char delimiter;
  std::size_t seen = 0; // without one
};

struct until_string {
  static constexpr const char* name = "async_read_until";
  std::size_t operator()(std::string_view in, std::size_t& want) {
    const std::size_t at = in.find(delimiter, seen);
    if (at != in.npos) return at + delimiter.size();
    if (in.size() >= delimiter.size()) seen = in.size() - delimiter.size() + 1;
    want = in.size() + 1;
    return incomplete;
  }
  std::string_view delimiter;
  std::size_t seen = 0; // where it does not begin
};

/// The author's own: `match(unread)`, never of nothing, answers the length of the message, or 0 if it cannot tell yet.
template <class Match> struct until_match {
  static constexpr const char* name = "async_read_until";
  std::size_t operator()(std::string_view in, std::size_t& want) {
    const std::size_t length = in.empty() ? 0 : match(in);
    want = length > in.size() ? length : in.size() + 1;
    return length == 0 || length > in.size() ? incomplete : length;
  }
  Match match;
};

} // namespace epollhost::detail

#endif
