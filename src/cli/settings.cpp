// Distributed under the Boost Software License, Version 1.0.
// Gives each plugin its settings: the command line over the file over the plugin over the host.
#include "cli/settings.hpp"

#include "cli/catalog.hpp"
#include "cli/host_options.hpp"
#include "cli/program_settings.hpp"
#include "cli/secret.hpp"
#include "cli/text.hpp"
#include "cli/value.hpp"

#include <epollhost/plugin.h>
#include <fmt/format.h>

#include <map>

namespace epollhost::cli {
namespace {

option_value value_of(const assignment& a, const option_description& option) {
  try {
    const option_value out = parse_value(option, text_of(a, option, ""), a.folder);
    check_existence(option, out);
    return out;
  } catch (const bad_value& e) {
    throw at(a, exit_status::configuration, e.what());
  }
}

// Every value is looked at, also one that another wins over.
void check_value(const assignment& a, const known_option& option) {
  if (option.host && option.host->scope != scope::instance) return; // read_program_settings did
  if (!option.host) return void(value_of(a, option.about()));
  const std::string text = text_of(a, *option.host);
  try {
    worker_settings scratch;
    option.host->set(scratch, option.about(), text);
  } catch (const bad_value& e) {
    throw at(a, exit_status::configuration, e.what());
  }
}

using place = std::pair<origin::kind, std::string>; // where, and the full name

void check_repetition(const assignment& a, const known_option& option, std::map<place, const assignment*>& seen) {
  const auto [first, fresh] = seen.emplace(place{a.from.from, full_name(a)}, &a);
  if (fresh || (option.host && option.host->repeatable)) return;
  const bool in_file = a.from.from == origin::kind::file;
  throw at(a, status_of(a),
           in_file ? fmt::format("duplicate of line {}; remove one of them", first->second->from.line)
                   : "this is given twice; remove one of them");
}

bool set_by_plugin(const plugin_description& plugin, const std::string& option) {
  if (option == "listen") return true;
  if (option == "nodelay") return plugin.nodelay >= 0;
  if (option == "cork") return plugin.cork >= 0;
  return option == "write-policy" && plugin.write_policy > 0;
}

void apply_host(std::span<const assignment> all, instance& to, const host_option& option) {
  const auto given = winning(all, to.settings.name, option.about.name);
  setting shown{option.about.name, {}, {}};
  if (set_by_plugin(to.plugin, option.about.name)) shown.from.from = origin::kind::plugin;
  if (!given.empty()) shown.from = given.front()->from;
  if (!given.empty() && option.about.name == "listen") to.settings.listen.clear();
  for (const assignment* a : given) option.set(to.settings, option.about, text_of(*a, option));
  shown.values = option.get(to.settings, option.about);
  to.shown.push_back(std::move(shown));
}

void check_default(const instance& of, const option_description& option, const option_value& value) {
  try {
    check_existence(option, value);
  } catch (const bad_value& e) {
    throw failure(exit_status::configuration, fmt::format("--{}.{}: {}; this is its default, give another",
                                                          of.settings.name, option.name, e.what()));
  }
}

void apply_own(std::span<const assignment> all, instance& to, std::size_t index) {
  const option_description& option = to.plugin.options[index];
  option_value& value = to.settings.values[index];
  setting shown{option.name, {}, {}};
  shown.from.from = origin::kind::plugin;
  shown.values = {format_value(option, value)};
  const auto given = winning(all, to.settings.name, option.name);
  if (given.empty()) check_default(to, option, value);
  for (const assignment* a : given) {
    shown.from = a->from;
    value = value_of(*a, option);
    shown.values = {option.type == EH_SECRET ? show_secret(*a->value, a->folder) : format_value(option, value)};
  }
  to.shown.push_back(std::move(shown));
}

} // namespace

void check_assignments(std::span<const assignment> all, std::span<const instance> instances) {
  const catalog known(instances);
  std::map<place, const assignment*> seen;
  for (const assignment& a : all) {
    const known_option option = known.find(a);
    check_repetition(a, option, seen);
    check_value(a, option);
  }
}

void apply_settings(std::span<const assignment> all, instance& to) {
  for (const host_option& option : host_options())
    if (option.scope == scope::instance) apply_host(all, to, option);
  for (std::size_t i = 0; i < to.plugin.options.size(); ++i) apply_own(all, to, i);
}

std::vector<const assignment*> winning(std::span<const assignment> all, const std::string& instance,
                                       const std::string& option) {
  std::vector<const assignment*> out;
  for (const origin::kind kind : {origin::kind::command_line, origin::kind::environment, origin::kind::file})
    for (const std::string& name : {instance, std::string()}) {
      for (const assignment& a : all)
        if (a.from.from == kind && a.instance == name && a.option == option) out.push_back(&a);
      if (!out.empty()) return out;
    }
  return out;
}

} // namespace epollhost::cli
