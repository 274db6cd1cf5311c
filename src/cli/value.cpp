// Distributed under the Boost Software License, Version 1.0.
// Values of options: from text by the option's type and range, and back.
#include "cli/value.hpp"

#include "cli/address.hpp"
#include "cli/failure.hpp"
#include "cli/secret.hpp"
#include "cli/suggestion.hpp"
#include "cli/text.hpp"
#include "cli/units.hpp"
#include "net/file.hpp"

#include <epollhost/plugin.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <limits>

namespace epollhost::cli {
namespace {

constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

bool is_real(const option_description& o) { return o.type == EH_REAL; }

bool takes_number(const option_description& o) {
  return o.type == EH_INTEGER || o.type == EH_REAL || o.type == EH_SIZE || o.type == EH_DURATION;
}

bool has_range(const option_description& o) {
  return is_real(o) ? o.min.real != o.max.real : o.min.integer != o.max.integer;
}

bool has_minimum(const option_description& o) {
  return has_range(o) && (is_real(o) ? std::isfinite(o.min.real) : o.min.integer != least);
}

bool has_maximum(const option_description& o) {
  return has_range(o) && (is_real(o) ? std::isfinite(o.max.real) : o.max.integer != most);
}

std::string noun(const option_description& o) {
  switch (o.type) {
  case EH_FLAG: return "on or off";
  case EH_INTEGER: return "a whole number";
  case EH_REAL: return "a number";
  case EH_SIZE: return "a size";
  case EH_DURATION: return "a duration";
  case EH_CHOICE: return listed(o.choices, "or");
  case EH_ADDRESS: return "an address";
  case EH_FILE: return "the path of a file";
  default: return "a text";
  }
}

std::string example(const option_description& o) {
  switch (o.type) {
  case EH_SIZE: return ", such as 64KiB";
  case EH_DURATION: return ", such as 250ms or 10s";
  default: return {};
  }
}

[[noreturn]] void refuse(const option_description& o, std::string_view text, std::string_view fault) {
  throw bad_value(fmt::format("{} {}; expected {}", text.empty() ? "the value" : in_quotes(text), fault, expected(o)));
}

std::int64_t parse_flag(const option_description& o, std::string_view text) {
  for (const char* word : {"on", "yes", "true", "1"})
    if (lower(text) == word) return 1;
  for (const char* word : {"off", "no", "false", "0"})
    if (lower(text) == word) return 0;
  refuse(o, text, text.empty() ? "is empty" : "is neither on nor off");
}

std::int64_t parse_choice(const option_description& o, std::string_view text) {
  const auto found = std::find(o.choices.begin(), o.choices.end(), text);
  if (found != o.choices.end()) return found - o.choices.begin();
  if (text.empty()) refuse(o, text, "is empty");
  throw bad_value(
      fmt::format("{} is no choice; expected {}{}", in_quotes(text), expected(o), did_you_mean(text, o.choices)));
}

double parse_real(const option_description& o, std::string_view text) {
  if (text.empty()) refuse(o, text, "is empty");
  double out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error == std::errc::result_out_of_range) refuse(o, text, "is too large or too small to be told from 0");
  if (error != std::errc() || end != text.data() + text.size()) refuse(o, text, "is no number");
  if (!std::isfinite(out)) refuse(o, text, "is not finite");
  return out;
}

std::int64_t parse_whole(const option_description& o, std::string_view text) {
  switch (o.type) {
  case EH_FLAG: return parse_flag(o, text);
  case EH_CHOICE: return parse_choice(o, text);
  case EH_SIZE: return parse_size(text);
  case EH_DURATION: return parse_duration(text);
  default: break;
  }
  try {
    return parse_integer(text);
  } catch (const bad_value&) {
    if (text.empty()) refuse(o, text, "is empty");
    const bool digits = text.find_first_not_of("0123456789", text[0] == '-') == std::string_view::npos;
    refuse(o, text, digits && text != "-" ? "does not fit in 64 bits" : "is no whole number");
  }
}

// In the form that the plugin gets, whichever the user took.
std::string parse_place(const option_description& o, std::string_view text, const std::string& folder) {
  if (text.empty() && o.fallback.text.empty()) return {};
  const listen_address address = parse_address(absolute_address(text, folder));
  if (!address.passed.empty())
    throw bad_value(fmt::format("{} is a socket of the service manager, which only --listen takes; expected an address "
                                "such as 127.0.0.1:8080 or unix:/path",
                                in_quotes(text)));
  return to_string(address);
}

std::string parse_path(const option_description& o, std::string_view text, const std::string& folder) {
  if (text.empty() && o.fallback.text.empty()) return {};
  if (text.empty()) refuse(o, text, "is empty");
  if (text == "-") return std::string(text); // a standard stream, as everywhere
  return absolute_path(text, folder);
}

std::string parse_text(const option_description& o, std::string_view text, const std::string& folder) {
  switch (o.type) {
  case EH_ADDRESS: return parse_place(o, text, folder);
  case EH_FILE: return parse_path(o, text, folder);
  case EH_SECRET: return read_secret(text, folder);
  default: return std::string(text);
  }
}

bool is_text(const option_description& o) { return o.type >= EH_STRING && o.type != EH_CHOICE; }

void check_range(const option_description& o, const option_value& v, std::string_view text) {
  const bool below = is_real(o) ? v.real < o.min.real : v.integer < o.min.integer;
  const bool above = is_real(o) ? v.real > o.max.real : v.integer > o.max.integer;
  if (has_minimum(o) && below) refuse(o, text, "is too small");
  if (has_maximum(o) && above) refuse(o, text, "is too large");
}

std::string shown(const option_description& o, const option_value& v) {
  if (is_real(o)) return fmt::format("{}", v.real);
  if (o.type == EH_SIZE) return format_size(v.integer);
  if (o.type == EH_DURATION) return format_duration(v.integer);
  return fmt::format("{}", v.integer);
}

} // namespace

option_value parse_value(const option_description& option, std::string_view text, const std::string& folder) {
  if (option.type != EH_SECRET) check_text(text);
  option_value out;
  if (is_text(option)) {
    out.text = parse_text(option, text, folder);
    return out;
  }
  if (option.type == EH_REAL)
    out.real = parse_real(option, text);
  else
    out.integer = parse_whole(option, text);
  if (option.type == EH_CHOICE) out.text = text;
  if (takes_number(option)) check_range(option, out, text);
  return out;
}

void check_existence(const option_description& option, const option_value& value) {
  std::error_code error; // what cannot be looked at is not there
  if (!(option.flags & EH_MUST_EXIST) || value.text.empty()) return;
  const std::string kind = net::kind_of(value.text);
  if (kind == "a pipe" || kind == "a socket") // the plugin would wait for its writer
    throw bad_value(fmt::format("{} is {}; expected a file or a folder", in_quotes(value.text), kind));
  if (std::filesystem::exists(value.text, error)) return;
  throw bad_value(
      fmt::format("there is no file {}{}", in_quotes(value.text), error ? fmt::format(" ({})", error.message()) : ""));
}

std::string format_value(const option_description& option, const option_value& value) {
  switch (option.type) {
  case EH_FLAG: return value.integer ? "on" : "off";
  case EH_STRING:
  case EH_ADDRESS:
  case EH_FILE: return value.text;
  case EH_SECRET: return value.text.empty() ? "" : std::string(hidden_secret);
  case EH_CHOICE: return option.choices.at(static_cast<std::size_t>(value.integer));
  default: return shown(option, value);
  }
}

std::string range(const option_description& option) {
  if (!takes_number(option)) return {};
  const std::string low = shown(option, option.min), high = shown(option, option.max);
  if (has_minimum(option) && has_maximum(option)) return fmt::format("{} to {}", low, high);
  if (has_minimum(option)) return fmt::format("{} or more", low);
  return has_maximum(option) ? fmt::format("{} or less", high) : std::string();
}

std::string expected(const option_description& option) {
  const std::string limits = range(option);
  if (limits.empty()) return noun(option) + example(option);
  const bool both = has_minimum(option) && has_maximum(option);
  return fmt::format("{}{}{}{}", noun(option), both ? " from " : ", ", limits, example(option));
}

std::string placeholder(const option_description& option) {
  switch (option.type) {
  case EH_FLAG: return "on|off";
  case EH_SIZE: return "SIZE";
  case EH_DURATION: return "DURATION";
  case EH_STRING: return "TEXT";
  case EH_ADDRESS: return "ADDRESS";
  case EH_FILE: return "FILE";
  case EH_SECRET: return "SECRET|@FILE";
  case EH_CHOICE: return fmt::format("{}", fmt::join(option.choices, "|"));
  default: return "NUMBER";
  }
}

} // namespace epollhost::cli
