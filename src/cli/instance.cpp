// Distributed under the Boost Software License, Version 1.0.
// One plugin of the command with its settings.
#include "cli/instance.hpp"

#include "cli/host_options.hpp"
#include "cli/plugin_search.hpp"
#include "cli/program_settings.hpp"
#include "cli/text.hpp"
#include "cli/value.hpp"

#include <epollhost/plugin.h>
#include <fmt/format.h>

namespace epollhost::cli {
namespace {

plugin_description load_one(const plugin_loader& load, const std::string& file, bool allow_insecure) {
  try {
    return load(file, allow_insecure);
  } catch (const failure&) {
    throw;
  } catch (const std::exception& e) {
    throw failure(exit_status::plugin_refused, e.what());
  }
}

// The name alone decides whether the host or the plugin is meant.
void check_option_names(const plugin_description& plugin) {
  for (const option_description& option : plugin.options)
    if (find_host_option(option.name))
      throw failure(exit_status::plugin_refused,
                    fmt::format("plugin {} refused: its table has the option {}, which the host has already; expected "
                                "a name of its own. Rename it in the plugin",
                                plugin.file, in_quotes(option.name)));
}

// The default in the form that the user's value would have; one that the user could not write is none. (A secret has
// none.)
option_value fallback_of(const plugin_description& plugin, const option_description& option) {
  if (option.type == EH_SECRET) return option.fallback;
  try {
    return parse_value(option, format_value(option, option.fallback));
  } catch (const bad_value& e) {
    throw failure(exit_status::plugin_refused, fmt::format("plugin {} refused: the default of its option {}: {}",
                                                           plugin.file, in_quotes(option.name), e.what()));
  }
}

worker_settings defaults(const plugin_description& plugin, const std::string& name, bool allow_insecure) {
  worker_settings out;
  out.name = name;
  out.plugin_file = plugin.file;
  out.allow_insecure_plugin = allow_insecure;
  if (plugin.nodelay >= 0) out.nodelay = plugin.nodelay;
  if (plugin.cork >= 0) out.cork = plugin.cork;
  if (plugin.write_policy >= 0) out.policy = static_cast<write_policy>(plugin.write_policy);
  for (const option_description& option : plugin.options) out.values.push_back(fallback_of(plugin, option));
  const host_option* listen = find_host_option("listen");
  try {
    listen->set(out, listen->about, plugin.listen);
  } catch (const bad_value& e) {
    throw failure(exit_status::plugin_refused,
                  fmt::format("plugin {} refused: listen of its table: {}", plugin.file, e.what()));
  }
  return out;
}

} // namespace

std::vector<instance> load_instances(const program_settings& program, const plugin_loader& load) {
  std::vector<instance> out;
  for (const program_settings::plugin& wanted : program.plugins) {
    instance next;
    next.from = wanted.from;
    next.plugin = load_one(load, find_plugin(wanted.file, program.folders), program.allow_insecure_plugin);
    check_option_names(next.plugin);
    const std::string name = wanted.name.empty() ? next.plugin.name : wanted.name;
    for (const instance& other : out)
      if (other.settings.name == name)
        throw at(wanted.from, exit_status::configuration,
                 fmt::format("two plugins are named {} (the other is that of {}); name one of them: --plugin NAME={}",
                             in_quotes(name), to_string(other.from), wanted.file));
    next.settings = defaults(next.plugin, name, program.allow_insecure_plugin);
    out.push_back(std::move(next));
  }
  return out;
}

} // namespace epollhost::cli
