// Distributed under the Boost Software License, Version 1.0.
// All that the user asked for, complete and checked.
#include "cli/configuration.hpp"

#include "cli/arguments.hpp"
#include "cli/config_file.hpp"
#include "cli/consistency.hpp"
#include "cli/environment.hpp"
#include "cli/host_options.hpp"
#include "cli/plugin_search.hpp"
#include "cli/settings.hpp"
#include "cli/text.hpp"
#include "cli/value.hpp"
#include "master/privileges.hpp"

#include <fmt/format.h>

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <tuple>

namespace epollhost::cli {
namespace {

bool has(const std::vector<assignment>& given, std::string_view name) {
  return std::any_of(given.begin(), given.end(),
                     [&](const assignment& a) { return a.instance.empty() && a.option == name; });
}

// The one that asks for least wins.
action wanted(const std::vector<assignment>& given) {
  if (has(given, "help")) return action::help;
  if (has(given, "version")) return action::version;
  if (has(given, "check-plugin")) return action::check_plugin;
  if (has(given, "new-plugin")) return action::new_plugin;
  if (has(given, "list-plugins")) return action::list_plugins;
  if (has(given, "status")) return action::status;
  if (has(given, "signal")) return action::signal;
  if (has(given, "show-config")) return action::show_config;
  return has(given, "check") ? action::check : action::run;
}

// Not by the file itself, of course.
bool allows_insecure(const std::vector<assignment>& given) {
  const host_option& option = *find_host_option("allow-insecure-config");
  bool out = false;
  for (const assignment& a : given) {
    if (!a.instance.empty() || a.option != option.about.name) continue;
    try {
      out = parse_value(option.about, text_of(a, option)).integer != 0;
    } catch (const bad_value& e) {
      throw at(a, exit_status::configuration, e.what());
    }
  }
  return out;
}

// Those of the file, if one is named, before those that were given.
std::vector<assignment> with_file(std::vector<assignment> given, std::vector<std::string>& warnings) {
  const host_option& config = *find_host_option("config");
  std::string file;
  for (const assignment& a : given)
    if (a.instance.empty() && a.option == config.about.name) file = text_of(a, config);
  std::vector<assignment> out;
  if (has(given, config.about.name)) out = read_config_file(file, allows_insecure(given), &warnings);
  std::move(given.begin(), given.end(), std::back_inserter(out));
  return out;
}

failure no_plugin(const program_settings& program) {
  const std::vector<std::string> there = plugins_in(program.folders);
  std::string message = "no plugin is given; write, for example, epollhost --plugin ";
  message += there.empty() ? "./FILE.so" : there.front();
  if (there.size() > 1) message += fmt::format(" (there are {})", listed(there));
  return failure(exit_status::usage, message);
}

bool needs_plugins(action a) {
  return a != action::list_plugins && a != action::new_plugin && a != action::status && a != action::signal;
}

// Options that say how, and nothing without the one that says what.
void check_companions(action a, const std::vector<assignment>& all) {
  for (const auto& [name, goes_with, what] :
       {std::tuple{"json", action::status, "--status"}, std::tuple{"wait", action::signal, "--signal"},
        std::tuple{"style", action::new_plugin, "--new-plugin"}})
    for (const assignment& given : all)
      if (given.option == name && given.instance.empty() && a != goes_with && a != action::help)
        throw at(given, status_of(given), fmt::format("this goes with {} only; add that or leave this out", what));
}

// It binds and loads as who it is, so it cannot be another one for the plugin alone.
void check_own_process(const master::master_settings& s) {
  const master::identity who = master::find_identity(s.user, s.group);
  const bool same_user = s.user.empty() || who.user == ::geteuid();
  const bool same_group = s.group.empty() || who.group == ::getegid();
  if (same_user && same_group) return;
  throw failure(exit_status::configuration,
                fmt::format("with --workers 0 the plugin runs in the program's own process, so --{} {} cannot be "
                            "honored; start the program as that {}, or use --workers 1",
                            same_user ? "group" : "user", same_user ? s.group : s.user, same_user ? "group" : "user"));
}

// A value for all plugins that none of them takes, since each has one of its own.
void warn_of_unused(const std::vector<assignment>& all, const std::vector<instance>& instances,
                    std::vector<std::string>& warnings) {
  for (const assignment& a : all) {
    const host_option* const option = a.instance.empty() ? find_host_option(a.option) : nullptr;
    if (!option || option->scope != scope::instance) continue;
    const bool may_count = std::any_of(instances.begin(), instances.end(), [&](const instance& i) {
      const auto counting = winning(all, i.settings.name, a.option);
      const bool elsewhere = counting.front()->from.from != a.from.from; // a later place wins, as one expects
      return elsewhere || std::find(counting.begin(), counting.end(), &a) != counting.end();
    });
    if (may_count) continue;
    std::vector<std::string> names;
    for (const instance& i : instances) names.push_back(i.settings.name);
    warnings.push_back(fmt::format("{} is not used: another value counts for {}", to_string(a), listed(names)));
  }
}

void check_wait(const configuration& c) {
  if (!c.program.wait || c.action != action::signal || c.program.signal == "reload" || c.program.signal == "upgrade")
    return;
  throw failure(exit_status::usage, fmt::format("--wait goes with --signal reload or upgrade, not with --signal {}; "
                                                "leave it out",
                                                c.program.signal));
}

bool may_change_identity() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {};
  if (::syscall(SYS_capget, &header, sets) != 0) return ::geteuid() == 0;
  constexpr std::uint32_t both = 1u << CAP_SETUID | 1u << CAP_SETGID;
  return (sets[0].effective & both) == both;
}

// Who is that already has nothing to change.
void check_identity(master::master_settings& s) {
  if ((s.user.empty() && s.group.empty()) || may_change_identity()) return;
  const master::identity who = master::find_identity(s.user, s.group);
  const bool other_user = who.user && *who.user != ::geteuid(), other_group = who.group && *who.group != ::getegid();
  if (!other_user && !other_group) {
    s.user.clear();
    s.group.clear();
    return;
  }
  const bool of_user = other_user || s.group.empty();
  throw failure(exit_status::configuration,
                fmt::format("--{0} needs {1}: cannot change to {0} {2}", of_user ? "user" : "group",
                            ::geteuid() == 0 ? "the capabilities CAP_SETUID and CAP_SETGID" : "root",
                            in_quotes(of_user ? s.user : s.group)));
}

// A plugin without a process of its own has this one, and there is only one.
void check_workers(const std::vector<instance>& instances, const master::master_settings& s) {
  if (instances.size() == 1 && instances.front().settings.workers == 0) return check_own_process(s);
  if (instances.size() < 2) return;
  for (const instance& i : instances)
    if (i.settings.workers == 0)
      throw failure(
          exit_status::configuration,
          fmt::format("{}: workers is 0, so the plugin would run in the program's own process, but {} plugins are "
                      "given; give this one alone, or a worker",
                      i.settings.name, instances.size()));
}

} // namespace

configuration configure(const std::vector<std::string>& words, const surroundings& around) {
  configuration out;
  const std::vector<assignment> line = parse_arguments(words);
  out.action = wanted(line);
  if (out.action == action::version) return out;
  const environment variables(around.variables);
  std::vector<assignment> all = variables.of_host();
  all.insert(all.end(), line.begin(), line.end());
  all = with_file(std::move(all), out.warnings);
  out.program = read_program_settings(all, around.program_folder);
  check_companions(out.action, all);
  check_wait(out);
  if (out.action != action::check_plugin) out.program.check_plugin = false; // it only names one then
  if (!needs_plugins(out.action)) return out;
  check_identity(out.program.master);
  if (around.before_load) around.before_load(out);
  out.instances = load_instances(out.program, around.load);
  if (out.action == action::help) return out;
  for (assignment& a : variables.of_instances(out.instances, out.warnings)) all.push_back(std::move(a));
  check_assignments(all, out.instances);
  if (out.instances.empty()) throw no_plugin(out.program);
  for (instance& i : out.instances) apply_settings(all, i);
  warn_of_unused(all, out.instances, out.warnings);
  for (std::string& w : check_settings(out.instances, around.somaxconn)) out.warnings.push_back(std::move(w));
  check_workers(out.instances, out.program.master);
  return out;
}

} // namespace epollhost::cli
