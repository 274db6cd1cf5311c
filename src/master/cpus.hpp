// Distributed under the Boost Software License, Version 1.0.
// How many processors this process may use.
#ifndef EPOLLHOST_MASTER_CPUS_HPP
#define EPOLLHOST_MASTER_CPUS_HPP

#include <string>

namespace epollhost::master {

struct usable_cpus {
  unsigned count;  ///< at least 1
  std::string why; ///< "2: affinity 4, cgroup quota 1.5"
};

/// The processors of the affinity mask, less if the cgroup or one above it has a quota of time; a part of one counts as
/// one. std::thread::hardware_concurrency() does not know the quota, and so starts 64 workers in a container of 2.
usable_cpus count_cpus();

/// The same with a given affinity, and /proc and /sys looked for below `root`.
usable_cpus count_cpus(unsigned affinity, const std::string& root);

} // namespace epollhost::master

#endif
