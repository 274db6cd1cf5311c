// Distributed under the Boost Software License, Version 1.0.
// Many seeds.
#ifndef EPOLLHOST_SIM_CAMPAIGN_HPP
#define EPOLLHOST_SIM_CAMPAIGN_HPP

#include "sim/forked.hpp"
#include "sim/plan.hpp"
#include "sim/world.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace epollhost::sim {

struct campaign_settings {
  subject_maker make;
  std::optional<loop::trigger> trigger;
  std::optional<language> talk;       ///< empty: HTTP if that is answered, else bytes
  std::optional<conversation> script; ///< in place of a generated one
  bool compare = true;
  std::vector<std::string> masked_lines;
  service servers;
  bool relayed = false, pooled = false;
  std::int64_t answer_within_ns = 0;
  std::uint64_t first = 1, count = 1000;
  unsigned jobs = 1; ///< processes at once
};

struct finding {
  plan how;
  outcome seen;
};

struct campaign_result {
  std::uint64_t seeds = 0;
  figures sum; ///< `hash` is that of all, in no order
  std::optional<finding> found;
};

/// Runs seeds until one fails. Two in sixteen are run twice: the same seed has the same trace.
class campaign {
public:
  explicit campaign(const campaign_settings& s);

  /// `progress` is called after each seed.
  campaign_result run(const std::function<void(const campaign_result&)>& progress);

  /// One run of its own; lines of the trace go to the descriptor.
  outcome run_one(const plan& p, int lines_to = -1);

  /// Leave out what can be left out, as long as the same rule is broken.
  finding shrink(finding f);

  language talk() const { return *settings_.talk; }

private:
  struct order {
    plan how;
    std::optional<std::uint64_t> expected_hash; ///< of the first run
  };

  const stage& stage_for(std::uint64_t seed);
  outcome prepare(std::uint64_t block);
  language find_language();
  static net::sim::trace::sink to_descriptor(int fd);
  job job_for(const plan& p, int lines_to) const;
  void note(const order& of, const outcome& seen, campaign_result& to);
  void fill(std::uint64_t& next);
  template <class Change> bool try_without(finding& f, Change change);

  campaign_settings settings_;
  stage stage_;
  std::optional<std::uint64_t> block_; // that stage_ is for
  outcome undisturbed_;                // of that block
  std::deque<order> again_;
  struct slot {
    forked child;
    order of;
  };
  std::vector<std::unique_ptr<slot>> slots_;
};

} // namespace epollhost::sim

#endif
