// Distributed under the Boost Software License, Version 1.0.
// Every option with its value and where it comes from, as a file that --config takes.
#include "cli/show_config.hpp"

#include "cli/config_file.hpp"
#include "cli/secret.hpp"
#include "cli/text.hpp"

#include <fmt/format.h>

namespace epollhost::cli {
namespace {

constexpr std::size_t value_columns = 40; // where the remarks begin

std::string line(const std::string& name, const std::string& value, const std::string& from) {
  return fmt::format("{:<{}} # {}\n", fmt::format("{} = {}", name, config_value(value)), value_columns,
                     printable(from));
}

std::string lines(const setting& s) {
  std::string out;
  for (const std::string& value : s.values) out += line(s.name, value, to_string(s.from));
  return out;
}

} // namespace

std::string show_config(const configuration& c) {
  std::string out = fmt::format("# Plugins are searched in {}.\n", printable(listed(c.program.folders)));
  for (const setting& s : c.program.shown) out += lines(s);
  for (const instance& i : c.instances)
    out += line("plugin", i.settings.name + "=" + absolute_path(i.plugin.file, {}), to_string(i.from.from));
  for (const instance& i : c.instances) {
    out += fmt::format("\n[{}]\n", i.settings.name);
    for (const setting& s : i.shown) out += lines(s);
  }
  return out;
}

} // namespace epollhost::cli
