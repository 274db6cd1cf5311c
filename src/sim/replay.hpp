// Distributed under the Boost Software License, Version 1.0.
// Plays a recording again.
#ifndef EPOLLHOST_SIM_REPLAY_HPP
#define EPOLLHOST_SIM_REPLAY_HPP

#include "sim/recording.hpp"
#include "worker/plugin_library.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace epollhost::sim {

struct replay_result {
  std::uint64_t connections = 0, turns = 0, received = 0, sent = 0; ///< bytes, as they were recorded
  std::uint64_t differences = 0;
  std::string first_difference;
};

/// The values of the plugin's options as they were recorded; those of another plugin or of secrets are the defaults,
/// and a line goes to `note`. Throws bad_recording if the recording is of another plugin.
std::vector<option_value> recorded_values(const recording& of, const plugin_description& plugin,
                                          const std::function<void(const std::string&)>& note);

/// Run a worker with the plugin, in this process, and answer each of its calls as the kernel did then. Lines of what
/// happens go to `line`, each before the plugin can do anything about it.
replay_result play(const recording& what, const plugin_library& plugin, const std::vector<option_value>& values,
                   const std::vector<std::string>& masked_lines, const std::function<void(const std::string&)>& line);

} // namespace epollhost::sim

#endif
