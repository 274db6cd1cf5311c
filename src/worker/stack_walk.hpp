// Distributed under the Boost Software License, Version 1.0.
// Walks the stack that a signal interrupted, into a crash_record. All of it is async-signal-safe.
#ifndef EPOLLHOST_WORKER_STACK_WALK_HPP
#define EPOLLHOST_WORKER_STACK_WALK_HPP

#include "worker/crash_record.hpp"

#include <cstdint>

namespace epollhost {

/// Where the interrupted code stood, from the ucontext of the signal.
std::uint64_t program_counter(const void* ucontext);

/// Add the frames below the signal handler. The record is right at each moment, should the walk itself crash on a
/// broken stack. A call to an address that is no code, as through a null pointer, ends the unwinder's walk at its first
/// step; then the caller is taken from the top of the stack.
void walk_stack(crash_record& into, const void* ucontext);

/// Make the unwinder do now what it does only once: load its library, allocate.
void warm_up_stack_walk();

} // namespace epollhost

#endif
