// Distributed under the Boost Software License, Version 1.0.
// Which option is meant by a name, now that the plugins are known.
#include "cli/catalog.hpp"

#include "cli/environment.hpp"
#include "cli/suggestion.hpp"
#include "cli/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace epollhost::cli {
namespace {

bool on_command_line(const assignment& a) { return a.from.from == origin::kind::command_line; }
bool in_file(const assignment& a) { return a.from.from == origin::kind::file; }

const option_description* find_own(const instance& of, const std::string& name) {
  const auto& options = of.plugin.options;
  const auto found =
      std::find_if(options.begin(), options.end(), [&](const option_description& o) { return o.name == name; });
  return found == options.end() ? nullptr : &*found;
}

// How the option has to be written instead.
std::string written(const assignment& a, const std::string& instance, const std::string& option) {
  if (on_command_line(a)) return fmt::format("--{}.{}", instance, option);
  if (!in_file(a)) return variable_name(instance + "." + option);
  return fmt::format("{} in the section [{}]", option, instance);
}

std::vector<std::string> host_names(const assignment& a, bool of_instance_only) {
  std::vector<std::string> out;
  for (const host_option& option : host_options())
    if ((on_command_line(a) || option.file) && (!of_instance_only || option.scope == scope::instance))
      out.push_back(option.about.name);
  return out;
}

// The word here for one that users of other servers may try; any other word as it is.
std::string other_word(const std::string& word) {
  constexpr std::pair<const char*, const char*> words[] = {
      {"port", "listen"},     {"bind", "listen"},       {"address", "listen"},       {"host", "listen"},
      {"threads", "workers"}, {"processes", "workers"}, {"verbose", "log-level"},    {"debug", "log-level"},
      {"quiet", "log-level"}, {"test", "check"},        {"conf", "config"},          {"file", "config"},
      {"module", "plugin"},   {"load", "plugin"},       {"timeout", "send-timeout"}, {"reload", "signal"},
      {"stop", "signal"}};
  for (const auto& [other, ours] : words)
    if (word == other) return ours;
  return word;
}

// The plugin's option that is near to `word`, written with or without the plugin's name: body, http-body.
std::string nearest_own(const instance& of, const std::string& word) {
  std::vector<std::string> plain, full;
  for (const option_description& o : of.plugin.options) {
    plain.push_back(o.name);
    full.push_back(of.settings.name + "." + o.name);
  }
  if (const std::string near = nearest(word, plain); !near.empty()) return near;
  const std::string near = nearest(word, full);
  return near.empty() ? near : near.substr(of.settings.name.size() + 1);
}

std::string or_help(const std::string& suggestion) {
  return suggestion.empty() ? "; epollhost --help lists all (with --plugin FILE also the plugin's)" : suggestion;
}

} // namespace

known_option catalog::find(const assignment& a) const {
  if (a.instance.empty()) return find_global(a);
  const instance& of = find_instance(a);
  if (const host_option* host = find_host_option(a.option)) {
    if (host->scope == scope::instance) return {host, nullptr};
    throw at(a, status_of(a),
             on_command_line(a) ? fmt::format("this option is for the whole program; write --{}", a.option)
                                : "this option is for the whole program; put it above the first section");
  }
  if (const option_description* own = find_own(of, a.option)) return {nullptr, own};
  refuse_own(a, of);
}

known_option catalog::find_global(const assignment& a) const {
  const host_option* host = find_host_option(a.option);
  if (!host) refuse_global(a);
  if (in_file(a) && !host->file)
    throw at(a, status_of(a), fmt::format("this can stand only on the command line, as --{}", a.option));
  if (host->about.name == "listen" && instances_.size() > 1)
    throw at(a, status_of(a),
             fmt::format("{} plugins cannot share an address; say whose it is: {}", instances_.size(),
                         written(a, instances_[0].settings.name, "listen")));
  return {host, nullptr};
}

const instance& catalog::find_instance(const assignment& a) const {
  std::vector<std::string> names;
  for (const instance& i : instances_) {
    if (i.settings.name == a.instance) return i;
    names.push_back(i.settings.name);
  }
  std::string remedy = did_you_mean(a.instance, names);
  for (const instance& i : instances_)
    if (i.plugin.name == a.instance)
      remedy = fmt::format("; the plugin {} is named {} here", in_quotes(a.instance), in_quotes(i.settings.name));
  if (remedy.empty() && !on_command_line(a) && find_host_option(a.option))
    remedy = "; options of the program and of all plugins stand above the first section";
  if (remedy.empty() && names.empty()) remedy = "; none is loaded: add --plugin FILE";
  if (remedy.empty()) remedy = fmt::format("; the plugins here are named {}", listed(names));
  throw at(a, status_of(a), fmt::format("no plugin is named {}{}", in_quotes(a.instance), remedy));
}

void catalog::refuse_global(const assignment& a) const {
  const std::string bare = a.option.substr(std::min(a.option.find_first_not_of('-'), a.option.size()));
  if (!on_command_line(a) && bare != a.option && find_host_option(bare))
    throw at(a, status_of(a), fmt::format("options have no dashes in a file; write {}", bare));
  for (const instance& i : instances_)
    if (find_own(i, a.option))
      throw at(a, status_of(a),
               fmt::format("this is an option of the plugin {0}; write {1}", i.settings.name,
                           written(a, i.settings.name, a.option)));
  std::string suggestion = did_you_mean(other_word(a.option), host_names(a, false), on_command_line(a) ? "--" : "");
  for (const instance& i : instances_)
    if (const std::string near = nearest_own(i, a.option); suggestion.empty() && !near.empty())
      suggestion = fmt::format("; did you mean {}?", written(a, i.settings.name, near));
  throw at(a, status_of(a), "unknown option" + or_help(suggestion));
}

void catalog::refuse_own(const assignment& a, const instance& of) const {
  if (a.option.empty())
    throw at(a, status_of(a), fmt::format("no option follows the dot; write --{}.OPTION", a.instance));
  if (a.option.starts_with(a.instance + "."))
    throw at(a, status_of(a),
             fmt::format("the name {} is there twice; write {}{}", a.instance, on_command_line(a) ? "--" : "",
                         a.option.substr(on_command_line(a) ? 0 : a.instance.size() + 1)));
  std::vector<std::string> known;
  for (const option_description& o : of.plugin.options) known.push_back(o.name);
  for (std::string& name : host_names(a, true)) known.push_back(std::move(name));
  const std::string prefix = on_command_line(a) ? fmt::format("--{}.", a.instance) : "";
  throw at(a, status_of(a),
           fmt::format("neither the plugin {} nor the host has this option{}", of.plugin.name,
                       or_help(did_you_mean(a.option, known, prefix))));
}

} // namespace epollhost::cli
