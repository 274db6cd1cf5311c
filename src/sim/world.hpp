// Distributed under the Boost Software License, Version 1.0.
// One run: a server, its clients and what happens to them.
#ifndef EPOLLHOST_SIM_WORLD_HPP
#define EPOLLHOST_SIM_WORLD_HPP

#include "sim/outcome.hpp"
#include "sim/plan.hpp"
#include "sim/scenery.hpp"
#include "sim/subject.hpp"
#include "sim/talk.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace epollhost::sim {

/// What all runs have in common.
struct stage {
  subject_maker make;
  std::optional<loop::trigger> trigger;  ///< empty: one or the other
  std::vector<conversation> talks;       ///< clients choose from these
  std::vector<std::string> answers;      ///< to each, undisturbed; empty: output is not compared
  std::vector<std::string> masked_lines; ///< what lines begin with whose rest is not compared
  service servers;                       ///< where the plugin connects to
  bool relayed = false;                  ///< what servers receive is what clients send, and the other way round
  bool pooled = false;                   ///< connections to servers may outlive the clients
  std::int64_t answer_within_ns = 0;     ///< also from a server that is silent; 0: as long as that is
};

using reporter = std::function<void(const outcome&)>;

/// Run the plan's seed in this process, once: what the plugin keeps in statics is not what it was. A failure goes to
/// `report`, which does not come back; the outcome of a good run is the answer. Lines of the trace go to `line`.
outcome run(const stage& s, const plan& p, last_words& words, const reporter& report,
            const std::function<void(std::string_view)>& line = {});

/// Play each conversation by itself, with no fault on a net that takes no time: what a peer receives then is right.
outcome run_undisturbed(const stage& s, last_words& words, const reporter& report,
                        const std::function<void(std::string_view)>& line = {});

/// Answers where two outputs differ, masked lines apart; npos if nowhere.
std::size_t difference(std::string_view expected, std::string_view found, const std::vector<std::string>& masked_lines);

} // namespace epollhost::sim

#endif
