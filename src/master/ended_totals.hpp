// Distributed under the Boost Software License, Version 1.0.
// What workers that have ended had counted.
#ifndef EPOLLHOST_MASTER_ENDED_TOTALS_HPP
#define EPOLLHOST_MASTER_ENDED_TOTALS_HPP

#include "master/metric_totals.hpp"
#include "master/plan.hpp"
#include "master/totals.hpp"

#include <map>
#include <string>
#include <utility>

namespace epollhost::master {

/// Sums by the names of instances, which outlive generations. An instance that nobody knows has counted nothing.
class ended_totals {
public:
  /// A worker of this instance has ended. Throws bad_alloc, and has counted nothing then.
  void add(const planned_instance& of, const worker_page& page);

  totals counters(const std::string& instance) const;
  channel_totals channel(const std::string& instance, const std::string& path) const;
  metric_totals metrics(const std::string& instance) const;

private:
  std::map<std::string, totals> counters_;
  std::map<std::string, metric_totals> metrics_;
  std::map<std::pair<std::string, std::string>, channel_totals> channels_; // by instance and path
};

} // namespace epollhost::master

#endif
