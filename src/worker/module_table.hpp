// Distributed under the Boost Software License, Version 1.0.
// The mapped objects of this process, noted while it is well so that a signal handler may look at them.
#ifndef EPOLLHOST_WORKER_MODULE_TABLE_HPP
#define EPOLLHOST_WORKER_MODULE_TABLE_HPP

#include "worker/crash_record.hpp"

#include <cstddef>
#include <cstdint>

namespace epollhost {

/// Note all mapped objects. Call it after each dlopen. A signal meanwhile sees the old table. [worker]
void refresh_module_table();

/// While this is set, a crash notes the objects anew before it looks at them: constructors run inside dlopen, when
/// their object is mapped and nobody could note it. [worker]
void set_modules_changing(bool changing);
bool modules_are_changing(); ///< [async-signal-safe]

/// The noted object that this address lies in; null if none. [async-signal-safe]
const crash_module* find_module(std::uint64_t address);

} // namespace epollhost

#endif
