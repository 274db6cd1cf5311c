// Distributed under the Boost Software License, Version 1.0.
// What the program prints where it is asked for a page and serves nothing.
#include "cli/answer.hpp"

#include "cli/help.hpp"
#include "cli/new_plugin.hpp"
#include "cli/plugin_search.hpp"
#include "cli/running.hpp"
#include "cli/show_config.hpp"

#include <epollhost/version.h>
#include <fmt/format.h>

namespace epollhost::cli {

std::optional<std::string> answer(const configuration& c, master::plugin_store& plugins) {
  switch (c.action) {
  case action::help: return help(c);
  case action::version:
    return fmt::format("epollhost {}, plugin boundary {}.{}\n", EPOLLHOST_VERSION, EH_ABI_MAJOR, EH_ABI_MINOR);
  case action::show_config: return show_config(c);
  case action::list_plugins: return plugin_list(c.program, plugins);
  case action::new_plugin: return make_new_plugin(c.program.new_plugin, c.program.style, running_program_prefix());
  case action::status: return ask_status(c.program);
  default: return std::nullopt;
  }
}

} // namespace epollhost::cli
