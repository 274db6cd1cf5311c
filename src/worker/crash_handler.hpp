// Distributed under the Boost Software License, Version 1.0.
// Says where a process is, when it dies or when it is asked.
#ifndef EPOLLHOST_WORKER_CRASH_HANDLER_HPP
#define EPOLLHOST_WORKER_CRASH_HANDLER_HPP

#include "net/error.hpp"

#include <signal.h>

namespace epollhost {

/// What asks a process where it is, without harm to it. It kills a process that has no handler.
inline int where_signal() { return SIGRTMIN; }

/// Write a crash_record to `report_fd` when this process dies of SIGSEGV, SIGBUS, SIGILL, SIGFPE or SIGABRT, and
/// when it gets where_signal(). Afterwards the signal does what it would have done: the wait status and the core dump
/// tell the truth. For the calling thread a stack of its own is used, so that an overflow of the normal one is reported
/// too.
///
/// `report_fd` should be a non-blocking pipe; it is borrowed for the life of the process. Call it once a process, after
/// fork; then call refresh_module_table() after each dlopen. [worker]
net::error_code install_crash_handler(int report_fd);

} // namespace epollhost

#endif
