// Distributed under the Boost Software License, Version 1.0.
// The log as a process: everyone writes lines to its pipe, it writes them to files, syslog and the standard error.
#ifndef EPOLLHOST_MASTER_LOG_PROCESS_HPP
#define EPOLLHOST_MASTER_LOG_PROCESS_HPP

#include "base/log.hpp"
#include "net/unique_fd.hpp"

#include <sys/types.h>

#include <string>

namespace epollhost::master {

/// Where lines go; to the standard error if nothing else is said.
struct log_options {
  log::format format = log::format::text;
  bool standard_error = false; ///< also if there is a file or syslog
  std::string file;            ///< empty: none
  bool syslog = false;
  std::string syslog_name = "epollhost";
};

/// Whether lines go to the standard error, perhaps beside others.
inline bool writes_to_standard_error(const log_options& o) {
  return o.standard_error || (o.file.empty() && !o.syslog);
}

/// The log process as the master sees it. The master owns both ends of the pipe for its whole life: the reading end, so
/// that no line is lost and no writer gets SIGPIPE while a dead log process is replaced; the writing end for itself
/// and its children. Both are closed on exec: the image after an upgrade starts a log process of its own, and the old
/// one ends when the old workers have.
///
///     worker ──┐
///     worker ──┤ non-blocking pipe            ┌── file
///     probe  ──┼───────────────────> process ─┼── syslog
///     master ──┘ a line is one write()        └── standard error
///
/// The log channels of plugins have pipes of their own, see channel_pipes and channel_reader.
struct log_process {
  pid_t pid = -1;
  net::unique_fd reader;
  net::unique_fd writer;
  net::unique_fd channels; ///< the master's end of the socket for channel_pipes::connect()
};

/// Fork the log process. Do it before there is anything that it should not inherit: it closes what it does not need,
/// but its memory is what it was here. It ignores signals but SIGUSR1 and ends when the last writer has closed the
/// pipe. Throws net::system_error if the file cannot be opened or the process not be started.
log_process start_log_process(const log_options& options);

/// Fork another one on the same pipe, when the old one has died. Lines in the pipe are not lost.
/// Throws net::system_error.
void restart_log_process(log_process& process, const log_options& options);

/// Send this process's lines there from now on, and those of the children it forks later. A line that doesn't fit into
/// the pipe is dropped and counted in log::dropped(). `process` must live on.
void log_to(const log_process& process, const log_options& options);

/// Ask the process to open its file again. False if there is no such process.
bool reopen_log(const log_process& process);

} // namespace epollhost::master

#endif
