// Distributed under the Boost Software License, Version 1.0.
// --check-plugin: what a careful reviewer would find in a plugin.
#ifndef EPOLLHOST_CLI_CHECK_PLUGIN_HPP
#define EPOLLHOST_CLI_CHECK_PLUGIN_HPP

#include "check/finding.hpp"
#include "cli/configuration.hpp"
#include "master/plugin_store.hpp"

#include <functional>
#include <string>
#include <vector>

namespace epollhost::cli {

/// Looks at the file first, since a file that does not load is the one that needs it most; then at the running plugin.
class plugin_check {
public:
  /// Findings are shown as they come.
  explicit plugin_check(std::function<void(const std::string&)> show) : show_(std::move(show)) {}

  /// Of the file, if the user asks for a check. Throws failure and plugin_refused.
  void look_at_file(const program_settings& program, master::plugin_store& plugins);

  /// Play all scripts with the plugin, and show how it came out. Throws failure (plugin_refused) if there was an error.
  void play(const instance& plugin, const master::plugin_store& plugins);

private:
  void show(const std::vector<check::finding>& found);
  std::string summary(const instance& plugin, std::size_t conversations) const;
  std::size_t count(check::severity s) const;

  std::function<void(const std::string&)> show_;
  std::vector<check::finding> shown_;
};

} // namespace epollhost::cli

#endif
