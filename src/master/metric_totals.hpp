// Distributed under the Boost Software License, Version 1.0.
// Sums of what plugins have counted in metrics of their own.
#ifndef EPOLLHOST_MASTER_METRIC_TOTALS_HPP
#define EPOLLHOST_MASTER_METRIC_TOTALS_HPP

#include "worker/worker_page.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace epollhost::master {

/// The metrics of one plugin instance, over its workers. A plugin may have written to its page what it likes: a label
/// that no plugin can define is left out.
class metric_totals {
public:
  /// The most names of an instance, in all generations and restarts; what comes above it is left out.
  static constexpr std::size_t names_max = 4 * metrics_max;

  struct total {
    std::uint64_t value = 0;
    std::string help; ///< as the last that was added has it
  };
  using name_and_kind = std::pair<std::string, std::uint32_t>;

  void add_living(const metric_cells& cells) { add(cells, true); }

  /// Of a worker that has ended, what happened stays: its counters. Its gauges are 0.
  void add_ended(const metric_cells& cells) { add(cells, false); }

  const std::map<name_and_kind, total>& all() const { return all_; }

private:
  void add(const metric_cells& cells, bool gauges);

  std::map<name_and_kind, total> all_;
};

} // namespace epollhost::master

#endif
