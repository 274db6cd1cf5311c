// Distributed under the Boost Software License, Version 1.0.
// Full-size copies of a plugin's tables, in which an absent hook does nothing.
#ifndef EPOLLHOST_WORKER_HOOK_TABLE_HPP
#define EPOLLHOST_WORKER_HOOK_TABLE_HPP

#include "epollhost/plugin.h"

namespace epollhost {

/// Copy `given`, which may be shorter or longer than ours, and fill what it lacks, so that callers test nothing.
eh_hooks complete(const eh_hooks& given);
eh_instance complete(const eh_instance* given);

} // namespace epollhost

#endif
