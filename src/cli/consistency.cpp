// Distributed under the Boost Software License, Version 1.0.
// Looks whether settings fit each other and the machine.
#include "cli/consistency.hpp"

#include "cli/address.hpp"
#include "cli/text.hpp"
#include "master/channel.hpp"
#include "net/listen.hpp"

#include <fmt/format.h>

#include <vector>

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

struct taken_place {
  const instance& by;
  const listen_address& address;
  std::string path; ///< of a unix socket: with the links in its folder resolved

  taken_place(const instance& i, const listen_address& a)
      : by(i), address(a), path(a.passed.empty() && a.endpoint.is_unix() ? net::place_of(a.endpoint) : "") {}

  bool is_that_of(const taken_place& other) const {
    const listen_address &a = address, &b = other.address;
    if (!a.passed.empty() || !b.passed.empty()) return a.passed == b.passed;
    if (!path.empty() || !other.path.empty()) return path == other.path;
    return net::overlap(a.endpoint, a.wildcard, b.endpoint, b.wildcard);
  }
};

// Two places of which the kernel, or another's file, lets only one be listened on.
[[noreturn]] void refuse_places(const instance& first, const listen_address& a, const instance& second,
                                const listen_address& b) {
  const std::string one = in_quotes(to_string(a)), other = in_quotes(to_string(b));
  const std::string &one_name = first.settings.name, &other_name = second.settings.name;
  const bool equal = one == other || a.endpoint.is_unix();
  std::string what;
  if (&first == &second)
    what = one == other ? fmt::format("{}: listen has {} twice; leave one", one_name, one)
           : equal ? fmt::format("{}: listen has {} and {}, which are the same file; leave one", one_name, one, other)
                   : fmt::format("{}: listen has {} and {}, and one of them contains the other; leave one", one_name,
                                 one, other);
  else if (one == other)
    what = fmt::format("{} and {} both listen on {}; give one another address with --{}.listen", one_name, other_name,
                       one, other_name);
  else
    what = fmt::format("{} listens on {} and {} on {}, {}; give one another address with --{}.listen", one_name, one,
                       other_name, other, equal ? "which are the same file" : "and one of them contains the other",
                       other_name);
  throw failure(exit_status::configuration, what);
}

// A message between master and worker has a bit for each.
void check_count(const instance& of) {
  const std::size_t count = of.settings.listen.size();
  if (count > master::slots_max)
    throw failure(exit_status::configuration,
                  fmt::format("{}: listen has {} addresses, and one plugin can have at most {}; split them between two "
                              "instances: --plugin NAME={}",
                              of.settings.name, count, master::slots_max, of.settings.plugin_file));
}

void check_places(std::span<const instance> instances) {
  std::vector<taken_place> all;
  for (const instance& i : instances)
    for (const listen_address& address : i.settings.listen) {
      const taken_place wanted(i, address);
      for (const taken_place& other : all)
        if (wanted.is_that_of(other)) refuse_places(other.by, other.address, i, address);
      all.push_back(wanted);
    }
}

} // namespace

std::vector<std::string> check_settings(std::span<const instance> instances, unsigned somaxconn) {
  std::vector<std::string> warnings;
  for (const instance& i : instances) check_count(i);
  check_places(instances);
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
