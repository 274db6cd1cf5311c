// Distributed under the Boost Software License, Version 1.0.
// Where a script plays its conversations with a plugin, in a child process.
#ifndef EPOLLHOST_CHECK_STAGE_HPP
#define EPOLLHOST_CHECK_STAGE_HPP

#include "check/finding.hpp"
#include "worker/settings.hpp"

#include <epollhost/testing.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace epollhost::check {

/// What the child is at, in memory that its parent looks at when it has died.
struct trial_record {
  static constexpr std::size_t doing_bytes = 600;
  testing::detail::call_record calls;
  char doing[doing_bytes];
};

/// A plugin with the values of its options as the program has parsed them.
class played_plugin : public testing::plugin {
public:
  played_plugin(const eh_plugin& table, std::vector<eh_value> values, testing::settings chosen)
      : plugin(table, std::move(values), std::move(chosen)) {}
};

/// Loads the plugin once; each conversation gets an instance of its own. Notes what it did and what was found.
class stage {
public:
  stage(const std::string& library, const worker_settings& settings, trial_record& record);

  /// A fresh instance, with the user's limits, for a conversation that is described like this.
  std::unique_ptr<played_plugin> begin(std::string doing, testing::settings chosen);

  /// With the limits of the user; a script changes some.
  testing::settings usual() const;

  /// Let time pass, but for a plugin that ticks no more than is enough to see it.
  void pass(played_plugin& p, std::chrono::seconds time) const;

  /// Thrown when what was found would make every further conversation slow.
  struct enough {};

  /// What the conversation has shown: rules that were broken, hooks that failed. Ends the instance. Throws enough.
  void end(std::unique_ptr<played_plugin> p);

  void add(std::string_view kind, std::string what);

  const std::vector<finding>& findings() const { return findings_; }
  std::size_t conversations() const { return conversations_; }

private:
  const eh_plugin& table_;
  const worker_settings& settings_;
  std::vector<eh_value> values_;
  trial_record& record_;
  std::vector<finding> findings_;
  std::size_t conversations_ = 0;
};

} // namespace epollhost::check

#endif
