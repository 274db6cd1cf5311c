// Distributed under the Boost Software License, Version 1.0.
// The variables EPOLLHOST_... of the environment as assignments.
#include "cli/environment.hpp"

#include "cli/host_options.hpp"
#include "cli/suggestion.hpp"
#include "cli/text.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <map>

namespace epollhost::cli {
namespace {

constexpr std::string_view prefix = "EPOLLHOST_";

bool takes_variable(const host_option& option) {
  return option.file || option.about.name == "config" || option.about.name == "allow-insecure-config";
}

assignment assigned(const std::string& option, const std::string& variable, const std::string& value) {
  assignment out;
  set_name(out, option);
  out.value = value;
  out.from = {origin::kind::environment, variable, 0};
  return out;
}

failure refused(const std::string& variable, const std::string& why) {
  return failure(exit_status::configuration, fmt::format("{}: {}", in_quotes(variable), why));
}

// `http.body` and the like, by their variables. Two options may have one.
using known_options = std::multimap<std::string, std::string>;

void add(known_options& to, const std::string& option) { to.emplace(variable_name(option), option); }

known_options options_of_host() {
  known_options out;
  for (const host_option& option : host_options())
    if (takes_variable(option)) add(out, option.about.name);
  return out;
}

known_options options_of(std::span<const instance> instances) {
  known_options out;
  for (const instance& i : instances) {
    for (const host_option& option : host_options())
      if (option.scope == scope::instance) add(out, i.settings.name + "." + option.about.name);
    for (const option_description& option : i.plugin.options) add(out, i.settings.name + "." + option.name);
  }
  return out;
}

std::vector<std::string> names_in(const known_options& known) {
  std::vector<std::string> out;
  for (const auto& [variable, option] : known) out.push_back(variable);
  return out;
}

// Kubernetes gives each container such variables for each service, which may well be called as the program or as a
// plugin is: EPOLLHOST_HTTP_PORT=tcp://10.0.0.1:80, EPOLLHOST_HTTP_SERVICE_HOST, EPOLLHOST_HTTP_PORT_80_TCP_ADDR.
bool is_of_kubernetes(const std::string& name, const std::string& value) {
  if (name.find("_SERVICE_HOST") != name.npos || name.find("_SERVICE_PORT") != name.npos) return true;
  if (name.find("_TCP") != name.npos || name.find("_UDP") != name.npos) return name.find("_PORT_") != name.npos;
  return name.ends_with("_PORT") && value.find("://") != value.npos;
}

std::string suggested(const std::string& name, const known_options& of_instances) {
  std::vector<std::string> known = names_in(of_instances);
  for (std::string& more : names_in(options_of_host())) known.push_back(std::move(more));
  // What all names begin with makes none of them nearer.
  for (std::string& one : known) one.erase(0, prefix.size());
  return did_you_mean(std::string_view(name).substr(prefix.size()), known, prefix);
}

bool names_an_instance(const std::string& name, std::span<const instance> instances) {
  return std::any_of(instances.begin(), instances.end(),
                     [&](const instance& i) { return name.starts_with(variable_name(i.settings.name) + "_"); });
}

} // namespace

std::string variable_name(const std::string& option) {
  std::string out(prefix);
  for (const char c : option)
    out += c == '.' || c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

std::vector<std::string> own_variables() {
  std::vector<std::string> out;
  for (char** at = environ; at && *at; ++at) out.emplace_back(*at);
  return out;
}

environment::environment(std::span<const std::string> variables) {
  for (const std::string& text : variables) {
    const auto equals = text.find('=');
    if (!text.starts_with(prefix) || equals == text.npos) continue;
    variables_.push_back({text.substr(0, equals), text.substr(equals + 1)});
  }
}

std::vector<assignment> environment::of_host() const {
  std::vector<assignment> out;
  const known_options known = options_of_host();
  for (const auto& [name, value] : variables_) {
    if (const auto found = known.find(name); found != known.end()) {
      out.push_back(assigned(found->second, name, value));
      continue;
    }
    for (const host_option& option : host_options())
      if (name == variable_name(option.about.name))
        throw refused(name, fmt::format("this can stand only on the command line, as --{}", option.about.name));
  }
  return out;
}

std::vector<assignment> environment::of_instances(std::span<const instance> instances,
                                                  std::vector<std::string>& warnings) const {
  std::vector<assignment> out;
  const known_options known = options_of(instances), host = options_of_host();
  for (const auto& [name, value] : variables_) {
    const auto [first, last] = known.equal_range(name);
    const auto general = host.find(name);
    const std::string other = general != host.end() ? general->second : first == last ? "" : std::prev(last)->second;
    if (first != last && other != first->second)
      throw refused(name, fmt::format("this may mean --{} or --{}; say which on the command line or in a file",
                                      first->second, other));
    if (first != last)
      out.push_back(assigned(first->second, name, value));
    else if (general != host.end() || is_of_kubernetes(name, value))
      continue;
    else if (names_an_instance(name, instances))
      throw refused(name, "neither the plugin nor the host has an option for this variable" + suggested(name, known));
    else
      warnings.push_back(fmt::format("the variable {} of the environment names no option and no plugin; it is "
                                     "ignored{}",
                                     in_quotes(name), suggested(name, known)));
  }
  return out;
}

} // namespace epollhost::cli
