// Distributed under the Boost Software License, Version 1.0.
// The same output however the input is cut. Plugins may include this (their tests, through testing.hpp).
#ifndef EPOLLHOST_TESTING_CUTS_HPP
#define EPOLLHOST_TESTING_CUTS_HPP

#include <epollhost/testing/failure.hpp>
#include <epollhost/testing/plugin.hpp>
#include <epollhost/testing/text.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace epollhost::testing {

struct cut_options {
  bool finish = false;         ///< the peer ends its input after the last byte
  std::size_t cuts_max = 4096; ///< places to cut; of a longer input so many are tried, evenly spread
};

/// What a peer saw of one conversation.
struct outcome {
  std::string received;
  bool ended = false, reset = false, closed = false;
  std::uint64_t failures = 0;

  friend bool operator==(const outcome&, const outcome&) = default;
};

/// Send the input in these pieces to a fresh instance of the plugin, each when the one before has been dealt with.
inline outcome converse(const plugin& p, const std::vector<std::string_view>& pieces, const cut_options& how = {}) {
  plugin one = p.again();
  peer c = one.connect();
  for (const std::string_view piece : pieces) c.send(piece);
  if (how.finish) c.finish();
  return {c.received(), c.ended(), c.was_reset(), c.closed(), one.failures()};
}

namespace detail {

inline std::string end_of(const outcome& o) {
  std::string out = o.reset ? "reset" : o.ended ? "ended" : "open";
  if (o.closed) out += ", closed";
  if (o.failures) out += ", failed";
  return out;
}

inline std::string differing(const outcome& whole, const outcome& cut) {
  if (whole == cut) return {};
  std::string out = difference(whole.received, cut.received);
  if (end_of(whole) != end_of(cut))
    out += "  expected the connection to be: " + end_of(whole) + "; found: " + end_of(cut) + "\n";
  return out;
}

inline std::string try_cut(const plugin& p, const outcome& whole, const std::vector<std::string_view>& pieces,
                           const cut_options& how, const std::string& where) {
  try {
    const std::string why = differing(whole, converse(p, pieces, how));
    return why.empty() ? why : "the output is another when the input is cut " + where + "\n" + why;
  } catch (const failure& f) {
    return "with the input cut " + where + ": " + f.what();
  }
}

inline std::vector<std::string_view> bytes_of(std::string_view input) {
  std::vector<std::string_view> out;
  for (std::size_t i = 0; i < input.size(); ++i) out.push_back(input.substr(i, 1));
  return out;
}

} // namespace detail

/// Compare each conversation in which the input is cut in two, and the one in which it comes byte by byte, with the one
/// in which it comes whole. Answers what is different at the first that is; nothing if all are alike.
inline std::string difference_by_cut(const plugin& p, std::string_view input, const cut_options& how = {}) {
  const outcome whole = converse(p, {input}, how);
  const std::string tail = "  the input is " + escaped(input) + "\n";
  const std::size_t step =
      std::max<std::size_t>(1, (input.size() + how.cuts_max - 1) / std::max<std::size_t>(1, how.cuts_max));
  for (std::size_t at = 1; at < input.size(); at += step) {
    const std::string where = "after byte " + std::to_string(at) + ", before " + escaped(input.substr(at, 20));
    const std::string why = detail::try_cut(p, whole, {input.substr(0, at), input.substr(at)}, how, where);
    if (!why.empty()) return why + tail;
  }
  const std::string why = detail::try_cut(p, whole, detail::bytes_of(input), how, "after each byte");
  return why.empty() ? why : why + tail;
}

/// The same as a check: throws failure, with the difference, where the plugin answers otherwise.
inline void same_however_cut(const plugin& p, std::string_view input, const cut_options& how = {}) {
  const std::string why = difference_by_cut(p, input, how);
  if (!why.empty()) throw failure(why);
}

} // namespace epollhost::testing

#endif
