// Distributed under the Boost Software License, Version 1.0.
// What a generation of workers is to run.
#ifndef EPOLLHOST_MASTER_PLAN_HPP
#define EPOLLHOST_MASTER_PLAN_HPP

#include "worker/plugin_description.hpp"
#include "worker/settings.hpp"

#include <functional>
#include <string>
#include <vector>

namespace epollhost::master {

class plugin_store;

/// One plugin instance, complete and checked.
struct planned_instance {
  plugin_description plugin;
  worker_settings settings;
  std::string workers_why;             ///< why it is that many workers, if the user did not say
  std::vector<std::string> channels{}; ///< paths of its log channels, as it asked for them in its trial
};

struct plan {
  std::vector<planned_instance> instances;
  std::vector<std::string> warnings;
};

/// Reads command line and files again, and takes every plugin from the store. Throws an exception with a message for
/// the user; nothing has changed then.
using planner = std::function<plan(plugin_store&)>;

} // namespace epollhost::master

#endif
