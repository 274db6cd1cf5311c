// Distributed under the Boost Software License, Version 1.0.
// Makes entries of the table of the host's options, most of them from a pointer to a member of the settings.
#ifndef EPOLLHOST_CLI_OPTION_MAKERS_HPP
#define EPOLLHOST_CLI_OPTION_MAKERS_HPP

#include "cli/host_options.hpp"
#include "cli/value.hpp"

#include <epollhost/plugin.h>

#include <cstdint>
#include <type_traits>
#include <utility>

namespace epollhost::cli {

template <class Owner, class T> Owner owner_of(T Owner::*);

// The member of the settings or of their limits, whichever the pointer points into.
template <auto Member, class Settings> auto& member(Settings& settings) {
  if constexpr (std::is_same_v<decltype(owner_of(Member)), worker_settings>)
    return settings.*Member;
  else
    return settings.limits.*Member;
}

template <auto Member> void store(worker_settings& settings, const option_description& about, std::string_view text) {
  auto& target = member<Member>(settings);
  const option_value value = parse_value(about, text);
  target = static_cast<std::remove_reference_t<decltype(target)>>(value.integer);
}

template <auto Member> std::vector<std::string> load(const worker_settings& settings, const option_description& about) {
  option_value value;
  if constexpr (requires { member<Member>(settings).count(); })
    value.integer = member<Member>(settings).count();
  else
    value.integer = static_cast<std::int64_t>(member<Member>(settings));
  return {format_value(about, value)};
}

inline option_description describe(std::uint32_t type, const char* name, const char* help) {
  option_description out;
  out.name = name;
  out.help = help;
  out.type = type;
  return out;
}

template <auto Member> host_option bound(option_description about) {
  host_option out;
  out.about = std::move(about);
  out.set = store<Member>;
  out.get = load<Member>;
  return out;
}

template <auto Member> host_option flag(const char* name, const char* help) {
  return bound<Member>(describe(EH_FLAG, name, help));
}

template <auto Member> host_option choice(const char* name, const char* help, std::vector<std::string> choices) {
  option_description about = describe(EH_CHOICE, name, help);
  about.choices = std::move(choices);
  return bound<Member>(about);
}

template <auto Member>
host_option number(std::uint32_t type, const char* name, const char* help, std::int64_t min, std::int64_t max) {
  option_description about = describe(type, name, help);
  about.min.integer = min;
  about.max.integer = max;
  return bound<Member>(about);
}

inline host_option of_program(std::uint32_t type, const char* name, const char* value, const char* help) {
  host_option out;
  out.about = describe(type, name, help);
  out.value = value;
  out.scope = scope::program;
  return out;
}

inline host_option command(const char* name, const char* help) {
  host_option out = of_program(EH_FLAG, name, "", help);
  out.scope = scope::command;
  out.file = false;
  return out;
}

inline host_option holding(holds what, host_option option) {
  option.what = what;
  return option;
}

inline host_option bounded(host_option option, std::int64_t least, std::int64_t most) {
  option.about.min.integer = least;
  option.about.max.integer = most;
  return option;
}

} // namespace epollhost::cli

#endif
