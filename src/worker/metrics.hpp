// Distributed under the Boost Software License, Version 1.0.
// The metrics of a worker's plugin: figures in memory that the master sees, written by the plugin itself.
#ifndef EPOLLHOST_WORKER_METRICS_HPP
#define EPOLLHOST_WORKER_METRICS_HPP

#include "epollhost/plugin.h"
#include "worker/worker_page.hpp"

#include <string>
#include <string_view>

namespace epollhost {

/// Whether these may be a metric's, by the rules of eh_host::metric. Who reads a worker's page asks too: its plugin may
/// have written there what it likes.
bool is_metric_kind(std::uint32_t kind);
bool is_metric_name(std::string_view name);
bool is_metric_help(std::string_view help);

/// Gives out the cells of a page. Owned by the worker; defines nothing but while the plugin's `start` runs.
class metrics {
public:
  /// `who` is the instance, for the log.
  metrics(std::string who, metric_cells& cells) : who_(std::move(who)), cells_(cells) {}

  void allow_define(bool yes) { may_define_ = yes; }

  /// eh_host::metric
  eh_status define(std::uint32_t kind, const char* name, const char* help, std::uint64_t** cell);

private:
  eh_status add(std::uint32_t kind, std::string_view name, std::string_view help, std::uint64_t** cell);

  const std::string who_;
  metric_cells& cells_;
  std::uint32_t count_ = 0; // the page's own may have been overwritten
  bool may_define_ = false;
};

} // namespace epollhost

#endif
