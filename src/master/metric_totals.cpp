// Distributed under the Boost Software License, Version 1.0.
// Sums of what plugins have counted in metrics of their own.
#include "master/metric_totals.hpp"

#include "worker/metrics.hpp"

#include <string.h>

#include <algorithm>

namespace epollhost::master {

void metric_totals::add(const metric_cells& cells, bool gauges) {
  const std::size_t count = std::min<std::size_t>(cells.count.load(std::memory_order_acquire), metrics_max);
  for (std::size_t i = 0; i < count; ++i) {
    const metric_label label = cells.labels[i]; // of which copies are looked at: the plugin may still write there
    const name_and_kind key(std::string(label.name, ::strnlen(label.name, sizeof label.name)), label.kind);
    const std::string help(label.help, ::strnlen(label.help, sizeof label.help));
    if (!is_metric_kind(key.second) || !is_metric_name(key.first) || !is_metric_help(help)) continue;
    if (all_.size() == names_max && !all_.contains(key)) continue;
    total& t = all_[key];
    t.help = help;
    if (key.second == EH_METRIC_GAUGE && !gauges) continue;
    const std::uint64_t value = __atomic_load_n(&cells.values[i], __ATOMIC_RELAXED); // a plain store is one instruction
    t.value = std::min(t.value, UINT64_MAX - value) + value; // not less than what was added
  }
}

} // namespace epollhost::master
