// Distributed under the Boost Software License, Version 1.0.
// The command line of epollhost-sim.
#ifndef EPOLLHOST_SIM_OPTIONS_HPP
#define EPOLLHOST_SIM_OPTIONS_HPP

#include "cli/assignment.hpp"
#include "loop/trigger.hpp"
#include "sim/plan.hpp"
#include "sim/scenery.hpp"
#include "sim/talk.hpp"
#include "worker/plugin_description.hpp"

#include <optional>
#include <string>
#include <vector>

namespace epollhost::sim {

struct options {
  enum class action { run, help, version };
  action what = action::run;
  std::string plugin;
  std::vector<std::string> plugin_folders;
  bool allow_insecure_plugin = false;
  std::uint64_t seeds = 1000;
  std::uint64_t first = 1;
  bool one_seed = false; ///< --seed: this one alone, with its trace
  unsigned jobs = 0;     ///< 0: one for each usable processor
  std::optional<loop::trigger> trigger;
  std::optional<language> talk;
  std::string script;
  std::string replay; ///< a recording, in place of all that
  bool compare = true;
  std::vector<std::string> masked_lines;
  service::role backend = service::role::echo;
  std::string backend_script;
  bool relayed = false, pooled = false;
  std::int64_t answer_within_ns = 0;
  plan how; ///< what --clients, --faults and the like leave of a seed
  std::vector<cli::assignment> plugin_options;

  bool operator==(const options&) const = default;
};

/// Throws cli::failure.
options parse_options(const std::vector<std::string>& words);

/// The values of the plugin's options, where nothing is said those of `otherwise`. Throws cli::failure.
std::vector<option_value> plugin_values(const options& o, const plugin_description& plugin,
                                        std::vector<option_value> otherwise);

/// The defaults of the plugin's options.
std::vector<option_value> default_values(const plugin_description& plugin);

std::string help();

/// The options that run this plan again: ` --seed 7 --faults short-read`.
std::string to_options(const plan& p);

} // namespace epollhost::sim

#endif
