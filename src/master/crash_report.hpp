// Distributed under the Boost Software License, Version 1.0.
// Reads what a dying or stalled process said about itself, and puts it into words.
#ifndef EPOLLHOST_MASTER_CRASH_REPORT_HPP
#define EPOLLHOST_MASTER_CRASH_REPORT_HPP

#include "worker/crash_record.hpp"

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace epollhost::master {

/// Take one record from a non-blocking pipe; none if there is no whole head of one. A record that was cut comes with
/// the frames that it has. What comes is safe to use whatever the process wrote.
std::optional<crash_record> read_report(int fd);

/// Ask the main thread of a process that has installed a crash handler where it is; a record follows in its pipe. False
/// if there is no such process. One without a handler is killed by the question.
bool ask_where(pid_t process);

/// "SIGSEGV at address 0x10", "SIGABRT, sent by a process (kill or abort)".
std::string describe_signal(const crash_record& record);

/// "#2 http.so+0x123f" for each frame: what can be said without reading a file. `plugin` is shown for the module that
/// the linker knows under a name in /proc, since plugins are loaded from a sealed copy.
std::vector<std::string> describe_frames(const crash_record& record, const std::string& plugin);

/// A module's name as it is shown: the last part of its path, or `plugin`.
std::string shown_name(const crash_module& module, const std::string& plugin);

/// The build-id of the plugin in hexadecimal digits, or "unknown".
std::string build_id_of_plugin(const crash_record& record);

/// Whether a module is the sealed copy of a plugin.
bool is_plugin(const crash_module& module);

} // namespace epollhost::master

#endif
