// Distributed under the Boost Software License, Version 1.0.
// What of a worker's settings a replay needs, as a recording has it.
#include "worker/record_settings.hpp"

#include <epollhost/plugin.h>
#include <fmt/format.h>

#include <charconv>

namespace epollhost::record {
namespace {

constexpr std::uint64_t bytes_most = std::uint64_t(1) << 40;
constexpr std::uint64_t day_ns = 86'400'000'000'000;

template <auto Member> constexpr setting of_worker(const char* name, std::uint64_t most) {
  using type = std::remove_reference_t<decltype(std::declval<worker_settings>().*Member)>;
  return {name, [](const worker_settings& s) { return static_cast<std::uint64_t>(s.*Member); },
          [](worker_settings& s, std::uint64_t n) { s.*Member = static_cast<type>(n); }, 0, most};
}

template <auto Member> constexpr setting of_limits(const char* name, std::uint64_t least) {
  return {name, [](const worker_settings& s) { return static_cast<std::uint64_t>(s.limits.*Member); },
          [](worker_settings& s, std::uint64_t n) { s.limits.*Member = n; }, least, bytes_most};
}

template <auto Member> constexpr setting time_of_limits(const char* name) {
  return {name, [](const worker_settings& s) { return static_cast<std::uint64_t>((s.limits.*Member).count()); },
          [](worker_settings& s, std::uint64_t n) {
            s.limits.*Member = std::chrono::nanoseconds(static_cast<std::int64_t>(n));
          },
          0, day_ns};
}

template <class Number> std::optional<Number> parse(std::string_view text) {
  Number n{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return n;
}

bool is_text(std::uint32_t type) { return type == EH_STRING || type == EH_FILE || type == EH_ADDRESS; }

} // namespace

std::span<const setting> settings() {
  using w = worker_settings;
  using l = limits;
  static constexpr setting all[] = {
      of_worker<&w::trigger>("trigger", 1),
      of_worker<&w::cork>("cork", 1),
      of_worker<&w::policy>("write-policy", 1),
      of_limits<&l::max_connections>("max-connections", 1),
      of_limits<&l::input_max>("input-max", 1024),
      of_limits<&l::output_high>("output-high", 1),
      of_limits<&l::output_low>("output-low", 0),
      of_limits<&l::output_max>("output-max", EH_OUT_MIN),
      of_limits<&l::output_files>("output-files", 1),
      of_limits<&l::turn_bytes>("turn-bytes", 1024),
      of_limits<&l::turn_calls>("turn-calls", 1),
      of_limits<&l::accept_batch>("accept-batch", 1),
      time_of_limits<&l::send_timeout>("send-timeout"),
      time_of_limits<&l::linger_timeout>("linger-timeout"),
      of_limits<&l::linger_bytes>("linger-bytes", 0),
  };
  return all;
}

// A choice has both: its number, and its text.
std::string to_text(const option_description& o, const option_value& v) {
  if (is_text(o.type)) return v.text;
  if (o.type == EH_REAL) return fmt::to_string(v.real);
  return fmt::to_string(v.integer);
}

std::optional<option_value> to_value(const option_description& o, std::string_view text) {
  option_value out;
  if (is_text(o.type)) return out.text = text, out;
  if (o.type == EH_REAL) {
    const auto n = parse<double>(text);
    if (!n) return {};
    return out.real = *n, out;
  }
  const auto n = parse<std::int64_t>(text);
  if (!n) return {};
  out.integer = *n;
  if (o.type == EH_CHOICE) {
    if (*n < 0 || std::uint64_t(*n) >= o.choices.size()) return {};
    out.text = o.choices[std::size_t(*n)];
  }
  return out;
}

} // namespace epollhost::record
