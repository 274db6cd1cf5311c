// Distributed under the Boost Software License, Version 1.0.
// Plays a script with a plugin in a child process, where a crash or a hang is a finding.
#ifndef EPOLLHOST_CHECK_TRIAL_HPP
#define EPOLLHOST_CHECK_TRIAL_HPP

#include "check/finding.hpp"
#include "check/scripts.hpp"
#include "master/privileges.hpp"
#include "master/sealed_file.hpp"
#include "worker/settings.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace epollhost::check {

/// What a script may take, in all: of time that passes, and of the processor's.
inline constexpr std::chrono::seconds trial_timeout{120};
inline constexpr unsigned trial_processor_seconds = 10;

struct trial_result {
  std::vector<finding> findings;
  std::size_t conversations = 0; ///< 0 also where the child did not come to its end
};

/// `settings` are those of the instance, with the values of its options.
trial_result play(const script& what, const worker_settings& settings, const master::sealed_file& bytes,
                  const master::identity& rights);

} // namespace epollhost::check

#endif
