// Distributed under the Boost Software License, Version 1.0.
// Sizes and durations as the user writes them: 64KiB, 2MB, 250ms, 10s.
#include "cli/units.hpp"

#include "cli/failure.hpp"
#include "cli/text.hpp"

#include <fmt/format.h>

#include <charconv>
#include <span>

namespace epollhost::cli {
namespace {

struct unit {
  std::string_view name;
  std::int64_t factor;
};

// In the order in which the formatters try them: the first that divides the number is taken.
constexpr unit size_units[] = {{"TiB", 1LL << 40}, {"GiB", 1LL << 30},      {"MiB", 1LL << 20},
                               {"KiB", 1LL << 10}, {"TB", 1000000000000LL}, {"GB", 1000000000LL},
                               {"MB", 1000000LL},  {"kB", 1000LL},          {"B", 1LL}};
constexpr std::size_t binary_units = 4;

constexpr unit duration_units[] = {{"d", 86400000000000LL}, {"h", 3600000000000LL}, {"m", 60000000000LL},
                                   {"s", 1000000000LL},     {"ms", 1000000LL},      {"us", 1000LL},
                                   {"\u00b5s", 1000LL},     {"\u03bcs", 1000LL},    {"ns", 1LL}};
constexpr std::string_view duration_names = "ns, us, ms, s, m, h or d";

const unit* find_unit(std::span<const unit> units, std::string_view name) {
  for (const unit& u : units)
    if (lower(u.name) == lower(name)) return &u;
  return nullptr;
}

struct quantity {
  std::int64_t number;
  std::string_view rest; ///< what follows the digits, without blanks before it
};

quantity parse_quantity(std::string_view text, std::string_view what) {
  if (text.empty()) throw bad_value(fmt::format("the value is empty; expected {}", what));
  if (text[0] == '-') throw bad_value(fmt::format("{} is negative; expected {}", in_quotes(text), what));
  quantity q{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), q.number);
  if (error == std::errc::result_out_of_range)
    throw bad_value(fmt::format("{} is too large; expected {}", in_quotes(text), what));
  if (error != std::errc()) throw bad_value(fmt::format("{} has no number; expected {}", in_quotes(text), what));
  q.rest = trimmed(text.substr(static_cast<std::size_t>(end - text.data())));
  if (q.rest.starts_with('.') || q.rest.starts_with(','))
    throw bad_value(fmt::format("{} has a fraction; expected {} (take a smaller unit)", in_quotes(text), what));
  return q;
}

std::int64_t scaled(const quantity& q, const unit& u, std::string_view text, std::string_view what) {
  std::int64_t out = 0;
  if (__builtin_mul_overflow(q.number, u.factor, &out))
    throw bad_value(fmt::format("{} is too large; expected {}", in_quotes(text), what));
  return out;
}

std::string format_unit(std::int64_t number, std::span<const unit> units, std::string_view smallest) {
  for (const unit& u : units)
    if (number != 0 && number % u.factor == 0) return fmt::format("{}{}", number / u.factor, u.name);
  return fmt::format("{}{}", number, number == 0 ? "" : smallest);
}

} // namespace

std::int64_t parse_size(std::string_view text) {
  constexpr std::string_view what = "a size such as 512, 64KiB or 2MB";
  const quantity q = parse_quantity(text, what);
  if (q.rest.empty()) return q.number;
  if (const unit* u = find_unit(size_units, q.rest)) return scaled(q, *u, text, what);
  if (const unit* u = find_unit(size_units, fmt::format("{}iB", q.rest)))
    throw bad_value(fmt::format("{} has the unit {}, which some count in 1000s and others in 1024s; "
                                "write \"{}{}\" (of 1024) or \"{}{}B\" (of 1000)",
                                in_quotes(text), in_quotes(q.rest), q.number, u->name, q.number, q.rest));
  throw bad_value(fmt::format("{} has the unknown unit {}; the units are B, kB, MB, GB, TB and KiB, MiB, GiB, TiB",
                              in_quotes(text), in_quotes(q.rest)));
}

std::int64_t parse_duration(std::string_view text) {
  constexpr std::string_view what = "a duration such as 50us, 250ms, 10s or 2m";
  const quantity q = parse_quantity(text, what);
  if (q.rest.empty() && q.number == 0) return 0;
  if (q.rest.empty())
    throw bad_value(fmt::format("{} has no unit; expected {}; did you mean \"{}s\" or \"{}ms\"?", in_quotes(text), what,
                                q.number, q.number));
  if (const unit* u = find_unit(duration_units, q.rest)) return scaled(q, *u, text, what);
  throw bad_value(
      fmt::format("{} has the unknown unit {}; the units are {}", in_quotes(text), in_quotes(q.rest), duration_names));
}

std::string format_size(std::int64_t bytes) {
  return format_unit(bytes, std::span(size_units).first(binary_units), "");
}

std::string format_duration(std::int64_t nanoseconds) { return format_unit(nanoseconds, duration_units, "ns"); }

std::int64_t parse_integer(std::string_view text) {
  std::int64_t out = 0;
  if (text.empty()) throw bad_value("the value is empty; expected a whole number");
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error == std::errc::result_out_of_range)
    throw bad_value(fmt::format("{} does not fit in 64 bits; expected a whole number", in_quotes(text)));
  const std::string_view rest = text.substr(static_cast<std::size_t>(end - text.data()));
  if (error != std::errc() || !rest.empty()) throw bad_value(fmt::format("{} is no whole number", in_quotes(text)));
  return out;
}

} // namespace epollhost::cli
