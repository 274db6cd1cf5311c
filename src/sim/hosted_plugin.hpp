// Distributed under the Boost Software License, Version 1.0.
// A plugin in a worker as the subject of a run.
#ifndef EPOLLHOST_SIM_HOSTED_PLUGIN_HPP
#define EPOLLHOST_SIM_HOSTED_PLUGIN_HPP

#include "sim/subject.hpp"
#include "worker/plugin_library.hpp"

#include <vector>

namespace epollhost::sim {

/// Makes workers for this plugin, with these values of its options.
subject_maker host(const plugin_library& plugin, const std::vector<option_value>& values);

} // namespace epollhost::sim

#endif
