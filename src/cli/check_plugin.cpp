// Distributed under the Boost Software License, Version 1.0.
// --check-plugin: what a careful reviewer would find in a plugin.
#include "cli/check_plugin.hpp"

#include "check/file_findings.hpp"
#include "check/trial.hpp"
#include "cli/failure.hpp"
#include "cli/plugin_search.hpp"
#include "cli/text.hpp"

#include <fmt/format.h>

#include <string_view>

namespace epollhost::cli {
void plugin_check::look_at_file(const program_settings& program, master::plugin_store& plugins) {
  if (!program.check_plugin) return;
  if (program.plugins.size() != 1)
    throw failure(exit_status::usage,
                  fmt::format("--check-plugin looks at one plugin, but {} are given; leave out --plugin, and check one "
                              "after the other",
                              program.plugins.size()));
  const std::string file = find_plugin(program.plugins[0].file, program.folders);
  show(check::look_at_file(plugins.seal(file, program.allow_insecure_plugin).fd()));
}

void plugin_check::play(const instance& plugin, const master::plugin_store& plugins) {
  plugins.try_start({plugin.plugin, plugin.settings, {}});
  std::size_t conversations = 0;
  for (const check::script& s : check::scripts()) {
    const auto result =
        check::play(s, plugin.settings, plugins.copy_of(plugin.settings.plugin_file), plugins.trial_rights());
    conversations += result.conversations;
    show(result.findings);
    const auto lasts = [](const check::finding& f) {
      const std::string_view name = f.kind->name;
      return name == "hang" || name == "never-rests" || name == "after-stop";
    };
    if (std::any_of(shown_.begin(), shown_.end(), lasts)) break; // the others would take as long, or gather threads
  }
  show_(summary(plugin, conversations));
  if (const std::size_t errors = count(check::severity::error))
    throw failure(exit_status::plugin_refused,
                  fmt::format("plugin {}: {} error{} found, see above", plugin.settings.plugin_file, errors,
                              errors == 1 ? " was" : "s were"));
}

// The first of a kind says it all.
void plugin_check::show(const std::vector<check::finding>& found) {
  for (const check::finding& f : found) {
    if (std::any_of(shown_.begin(), shown_.end(), [&](const auto& other) { return other.kind == f.kind; })) continue;
    shown_.push_back(f);
    show_(printable_lines(check::to_text(f)));
  }
}

std::size_t plugin_check::count(check::severity s) const {
  return static_cast<std::size_t>(
      std::count_if(shown_.begin(), shown_.end(), [s](const auto& f) { return f.kind->severity == s; }));
}

std::string plugin_check::summary(const instance& plugin, std::size_t conversations) const {
  return fmt::format("{} {} ({}): {} conversations; errors: {}, warnings: {}, notes: {}\n", plugin.plugin.name,
                     plugin.plugin.version, plugin.settings.plugin_file, conversations, count(check::severity::error),
                     count(check::severity::warning), count(check::severity::note));
}

} // namespace epollhost::cli
