// Distributed under the Boost Software License, Version 1.0.
// The functions of eh_host, for one worker.
#ifndef EPOLLHOST_WORKER_HOST_TABLE_HPP
#define EPOLLHOST_WORKER_HOST_TABLE_HPP

#include "epollhost/failure.h"

namespace epollhost {

class worker;

/// What a plugin holds of its worker. The plugin sees the base alone.
struct host_table : eh_host {
  explicit host_table(epollhost::worker& w);
  epollhost::worker& worker;
  const eh_limits bounds;   ///< the answer of get_extension(EH_LIMITS)
  const eh_failure failure; ///< that of EH_FAILURE
};

} // namespace epollhost

#endif
