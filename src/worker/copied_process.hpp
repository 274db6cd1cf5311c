// Distributed under the Boost Software License, Version 1.0.
// A child process that a plugin has made with fork(2) and let return into the host.
#ifndef EPOLLHOST_WORKER_COPIED_PROCESS_HPP
#define EPOLLHOST_WORKER_COPIED_PROCESS_HPP

#include "worker/connection_context.hpp"
#include "worker/worker_page.hpp"

#include <cstdint>

namespace epollhost {

/// It would go on as a second worker on the same sockets: say in the log where it was made, and end this process.
[[noreturn]] void end_copied_process(const connection_context& context, hook in, std::uint64_t conn);

/// After each hook; `conn` is its connection, or 0. [hot]
inline void end_if_copied(const connection_context& context, hook in, std::uint64_t conn = 0) {
  if (context.mark.is_copy()) [[unlikely]]
    end_copied_process(context, in, conn);
}

} // namespace epollhost

#endif
