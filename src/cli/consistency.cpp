// Distributed under the Boost Software License, Version 1.0.
// Looks whether settings fit each other and the machine.
#include "cli/consistency.hpp"

#include "cli/address.hpp"
#include "cli/text.hpp"

#include <fmt/format.h>

#include <map>

namespace epollhost::cli {
namespace {

// Where a setting of the instance comes from, for a message about two that do not fit.
std::string described(const instance& of, const char* name) {
  for (const setting& s : of.shown)
    if (s.name == name) return fmt::format("{} ({}, {})", name, listed(s.values), to_string(s.from));
  return name;
}

void check_order(const instance& of, const char* low, std::size_t low_value, const char* high, std::size_t high_value) {
  if (low_value <= high_value) return;
  throw failure(exit_status::configuration, fmt::format("{}: {} is above {}; lower the first or raise the second",
                                                        of.settings.name, described(of, low), described(of, high)));
}

void check_places(std::span<const instance> instances, std::map<std::string, std::string>& taken) {
  for (const instance& i : instances)
    for (const listen_address& address : i.settings.listen) {
      if (!same_place(address, address)) continue; // port 0 is another each time
      const auto [other, fresh] = taken.emplace(to_string(address), i.settings.name);
      if (!fresh)
        throw failure(exit_status::configuration,
                      other->second == i.settings.name
                          ? fmt::format("{}: listen has {} twice; leave one", i.settings.name, in_quotes(other->first))
                          : fmt::format("{} and {} both listen on {}; give one another address with --{}.listen",
                                        other->second, i.settings.name, in_quotes(other->first), i.settings.name));
    }
}

} // namespace

std::vector<std::string> check_settings(std::span<const instance> instances, unsigned somaxconn) {
  std::vector<std::string> warnings;
  std::map<std::string, std::string> taken;
  check_places(instances, taken);
  for (const instance& i : instances) {
    const limits& l = i.settings.limits;
    check_order(i, "output-low", l.output_low, "output-high", l.output_high);
    check_order(i, "output-high", l.output_high, "output-max", l.output_max);
    if (somaxconn > 0 && static_cast<unsigned>(i.settings.backlog) > somaxconn)
      warnings.push_back(
          fmt::format("{}: {} is above net.core.somaxconn ({}), which the kernel keeps to; raise that with "
                      "sysctl -w net.core.somaxconn={}",
                      i.settings.name, described(i, "backlog"), somaxconn, i.settings.backlog));
  }
  return warnings;
}

} // namespace epollhost::cli
