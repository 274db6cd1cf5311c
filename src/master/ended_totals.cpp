// Distributed under the Boost Software License, Version 1.0.
// What workers that have ended had counted.
#include "master/ended_totals.hpp"

#include <vector>

namespace epollhost::master {
namespace {

template <class Key, class Value> Value found(const std::map<Key, Value>& in, const Key& key) {
  const auto at = in.find(key);
  return at == in.end() ? Value() : at->second;
}

} // namespace

// What needs memory comes first: where there is none it is all done again, and nothing may be counted twice.
void ended_totals::add(const planned_instance& of, const worker_page& page) {
  const std::string& name = of.settings.name;
  metric_totals metrics = this->metrics(name);
  metrics.add_ended(page.metrics);
  metric_totals& kept_metrics = metrics_[name];
  totals& kept = counters_[name];
  std::vector<channel_totals*> kept_channels;
  for (const std::string& path : of.channels) kept_channels.push_back(&channels_[{name, path}]);

  kept_metrics = std::move(metrics);
  kept.add(page);
  for (std::size_t i = 0; i < kept_channels.size(); ++i) kept_channels[i]->add(page.channels[i]);
}

totals ended_totals::counters(const std::string& instance) const { return found(counters_, instance); }

channel_totals ended_totals::channel(const std::string& instance, const std::string& path) const {
  return found(channels_, {instance, path});
}

metric_totals ended_totals::metrics(const std::string& instance) const { return found(metrics_, instance); }

} // namespace epollhost::master
