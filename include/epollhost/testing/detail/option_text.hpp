// Distributed under the Boost Software License, Version 1.0.
// One value of an option, from the text that a user writes.
#ifndef EPOLLHOST_TESTING_DETAIL_OPTION_TEXT_HPP
#define EPOLLHOST_TESTING_DETAIL_OPTION_TEXT_HPP

#include <epollhost/plugin.h>

#include <epollhost/testing/failure.hpp>
#include <epollhost/testing/text.hpp>

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace epollhost::testing::detail {

[[noreturn]] inline void refuse_value(const eh_option& o, std::string_view text, const std::string& expected) {
  throw refused("option " + std::string(o.name) + ": " + escaped(text) + " is not what it takes; expected " + expected);
}

template <class Number> std::string_view parse_number(std::string_view text, Number& out, bool& ok) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  ok = error == std::errc();
  return text.substr(static_cast<std::size_t>(end - text.data()));
}

struct unit {
  std::string_view name;
  std::int64_t factor;
};
inline constexpr unit size_units[] = {{"", 1},
                                      {"B", 1},
                                      {"kB", 1000},
                                      {"MB", 1000 * 1000},
                                      {"GB", 1000 * 1000 * 1000},
                                      {"TB", 1000LL * 1000 * 1000 * 1000},
                                      {"KiB", 1 << 10},
                                      {"MiB", 1 << 20},
                                      {"GiB", 1 << 30},
                                      {"TiB", 1LL << 40}};
inline constexpr unit duration_units[] = {{"ns", 1},
                                          {"us", 1000},
                                          {"ms", 1000 * 1000},
                                          {"s", 1000 * 1000 * 1000},
                                          {"m", 60LL * 1000 * 1000 * 1000},
                                          {"h", 3600LL * 1000 * 1000 * 1000}};

template <std::size_t N>
std::int64_t parse_quantity(const eh_option& o, std::string_view text, const unit (&units)[N], const char* expected) {
  std::int64_t number = 0, out = 0;
  bool ok = false;
  const std::string_view rest = parse_number(text, number, ok);
  if (ok && rest.empty() && number == 0) return 0;
  for (const unit& u : units)
    if (ok && number >= 0 && rest == u.name && !__builtin_mul_overflow(number, u.factor, &out)) return out;
  refuse_value(o, text, expected);
}

inline std::int64_t parse_flag(const eh_option& o, std::string_view text) {
  for (const std::string_view yes : {"on", "yes", "true", "1", ""})
    if (text == yes) return 1;
  for (const std::string_view no : {"off", "no", "false", "0"})
    if (text == no) return 0;
  refuse_value(o, text, "on or off");
}

inline std::vector<std::string> choices_of(const eh_option& o) {
  std::vector<std::string> out(1);
  for (const char* c = o.choices ? o.choices : ""; *c; ++c)
    if (*c == '|')
      out.emplace_back();
    else
      out.back() += *c;
  return out;
}

inline std::int64_t parse_choice(const eh_option& o, std::string_view text) {
  const auto words = choices_of(o);
  for (std::size_t i = 0; i < words.size(); ++i)
    if (words[i] == text) return static_cast<std::int64_t>(i);
  refuse_value(o, text, "one of " + std::string(o.choices ? o.choices : "none"));
}

inline std::int64_t parse_integer(const eh_option& o, std::string_view text) {
  std::int64_t out = 0;
  bool ok = false;
  if (!parse_number(text, out, ok).empty() || !ok) refuse_value(o, text, "a whole number");
  return out;
}

inline double parse_real(const eh_option& o, std::string_view text) {
  double out = 0;
  bool ok = false;
  if (!parse_number(text, out, ok).empty() || !ok) refuse_value(o, text, "a number");
  return out;
}

inline void check_range(const eh_option& o, const eh_value& v, std::string_view text) {
  if (o.type == EH_REAL && o.min.real < o.max.real && !(v.real >= o.min.real && v.real <= o.max.real))
    refuse_value(o, text, std::to_string(o.min.real) + " to " + std::to_string(o.max.real));
  const bool whole = o.type == EH_INTEGER || o.type == EH_SIZE || o.type == EH_DURATION;
  if (whole && o.min.integer < o.max.integer && (v.integer < o.min.integer || v.integer > o.max.integer))
    refuse_value(o, text, std::to_string(o.min.integer) + " to " + std::to_string(o.max.integer));
}

/// Whether its value is the text itself. The program makes the path of a file absolute, and reads a secret from @FILE;
/// here both are what the test says.
inline bool is_text(const eh_option& o) { return o.type >= EH_STRING && o.type != EH_CHOICE; }

/// The value of an option that is no text; for a choice, its index.
inline eh_value parse_option(const eh_option& o, std::string_view text) {
  eh_value out{};
  switch (o.type) {
  case EH_FLAG: out.integer = parse_flag(o, text); break;
  case EH_SIZE: out.integer = parse_quantity(o, text, size_units, "a size such as 512, 64KiB or 2MB"); break;
  case EH_DURATION: out.integer = parse_quantity(o, text, duration_units, "a duration such as 250ms or 10s"); break;
  case EH_CHOICE: out.integer = parse_choice(o, text); break;
  case EH_REAL: out.real = parse_real(o, text); break;
  case EH_STRING:
  case EH_ADDRESS:
  case EH_FILE:
  case EH_SECRET: break;
  default: out.integer = parse_integer(o, text); break;
  }
  check_range(o, out, text);
  return out;
}

} // namespace epollhost::testing::detail

#endif
