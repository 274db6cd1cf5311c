// Distributed under the Boost Software License, Version 1.0.
// The log as a process: everyone writes lines to its pipe, it writes them to files, syslog and the standard error.
#include "master/log_process.hpp"

#include "base/journal.hpp"
#include "base/log_line.hpp"
#include "master/channel_passing.hpp"
#include "master/log_reader.hpp"
#include "master/log_sinks.hpp"
#include "net/append.hpp"
#include "net/error.hpp"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <exception>

namespace epollhost::master {
namespace {

static_assert(log::line_bytes_max <= PIPE_BUF, "one write() must take a whole line or nothing of it");

// More than one second of all that a process may write. The kernel's default, 64 KiB, is a burst of 600 lines.
constexpr int pipe_bytes = 512 * 1024;

std::atomic<int> writer{-1};

bool write_to_pipe(std::string_view line) {
  const int fd = writer.load(std::memory_order_relaxed);
  return net::write(fd, line.data(), line.size()) == static_cast<net::result>(line.size());
}

// No signal may reach the new process before it has said which ones it takes.
class all_signals_blocked {
public:
  all_signals_blocked() {
    sigset_t all;
    ::sigfillset(&all);
    if (::sigprocmask(SIG_SETMASK, &all, &old_) != 0) net::throw_last_error("sigprocmask");
  }
  ~all_signals_blocked() { ::sigprocmask(SIG_SETMASK, &old_, nullptr); } // with a mask it gave us it cannot fail
  all_signals_blocked(const all_signals_blocked&) = delete;
  all_signals_blocked& operator=(const all_signals_blocked&) = delete;

private:
  sigset_t old_;
};

// Its exit status. Nothing may escape from it: it would go on as a second master. Nobody reads what it would log.
int read_log(int reader, const log_options& options, net::unique_fd file, net::unique_fd channels) {
  try {
    return run_log_reader(reader, options, std::move(file), std::move(channels));
  } catch (const std::exception&) {
    return 1;
  }
}

pid_t fork_reader(int reader, const log_options& options, net::unique_fd file, net::unique_fd channels) {
  const all_signals_blocked blocked;
  const pid_t pid = ::fork();
  if (pid < 0) net::throw_last_error("fork");
  if (pid == 0) ::_exit(read_log(reader, options, std::move(file), std::move(channels)));
  return pid;
}

} // namespace

log_process start_log_process(const log_options& options) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) net::throw_last_error("pipe2");
  log_process process{-1, net::unique_fd(ends[0]), net::unique_fd(ends[1]), {}};
  ::fcntl(ends[1], F_SETPIPE_SZ, pipe_bytes); // refused where the user has many large pipes: then it is smaller
  restart_log_process(process, options);
  return process;
}

void restart_log_process(log_process& process, const log_options& options) {
  net::unique_fd file = open_log_file(options); // here, so that a wrong name is an error of the command
  auto [ours, theirs] = channel_socket_pair();
  process.pid = fork_reader(process.reader.get(), options, std::move(file), std::move(theirs));
  process.channels = std::move(ours);
}

void log_to(const log_process& process, const log_options& options) {
  writer.store(process.writer.get(), std::memory_order_relaxed);
  log::set_format(options.format);
  log::show_process(writes_to_standard_error(options) && log::standard_error_is_journal());
  log::set_sink(write_to_pipe);
}

bool reopen_log(const log_process& process) { return process.pid > 0 && ::kill(process.pid, SIGUSR1) == 0; }

} // namespace epollhost::master
