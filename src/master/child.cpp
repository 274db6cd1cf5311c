// Distributed under the Boost Software License, Version 1.0.
// Starts child processes that stay in this program.
#include "master/child.hpp"

#include "base/log.hpp"
#include "master/descriptors.hpp"
#include "master/signal_name.hpp"
#include "net/clock.hpp"
#include "net/error.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <utility>
#include <vector>

namespace epollhost::master {
namespace {

void reset_signals() {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  for (int s = 1; s < NSIG; ++s)
    if (s != SIGKILL && s != SIGSTOP) ::sigaction(s, &action, nullptr); // the C library keeps two for itself: EINVAL
  action.sa_handler = SIG_IGN;
  // The terminal and the administrator speak to the master; a peer that goes away and a file that grows too large are
  // error values, not signals.
  for (const int s : {SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE, SIGXFSZ}) ::sigaction(s, &action, nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

std::vector<int> always_kept;

int guarded(const std::function<int()>& body) {
  try {
    return body();
  } catch (const std::exception& e) {
    log::error("", "process {} ends: {}", ::getpid(), e.what());
    return 6;
  }
}

} // namespace

void keep_in_children(int fd) { always_kept.push_back(fd); }
void forget_in_children(int fd) { std::erase(always_kept, fd); }

pid_t fork_child(std::span<const int> keep, const std::function<int()>& body) {
  const pid_t pid = ::fork();
  if (pid < 0) net::throw_last_error("fork");
  if (pid > 0) return pid;
  // All of it guarded: what escaped from here would go on as a second master.
  ::_exit(guarded([&] {
    reset_signals();
    std::vector<int> kept{STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO};
    kept.insert(kept.end(), keep.begin(), keep.end());
    kept.insert(kept.end(), always_kept.begin(), always_kept.end());
    // What an upgrade has left open over exec(2) is not for the programs that a plugin executes.
    for (const int fd : kept)
      if (fd > STDERR_FILENO) ::fcntl(fd, F_SETFD, FD_CLOEXEC); // fails for one that is closed
    close_all_but(std::move(kept));
    return body();
  }));
}

bool read_until_end(int from, std::chrono::nanoseconds patience, std::string& out, std::size_t bytes_max) {
  const std::int64_t deadline_ns = net::monotonic_ns() + patience.count();
  for (std::int64_t left; (left = deadline_ns - net::monotonic_ns()) > 0;) {
    std::array<char, 4096> part;
    pollfd p{from, POLLIN, 0};
    if (::poll(&p, 1, static_cast<int>(left / 1'000'000) + 1) <= 0) continue;
    const ssize_t n = ::read(from, part.data(), part.size());
    if (n == 0) return true;
    if (n > 0 && out.size() < bytes_max) out.append(part.data(), static_cast<std::size_t>(n));
  }
  return false;
}

bool is_child(pid_t pid) {
  siginfo_t any{};
  return pid > 0 && ::waitid(P_PID, static_cast<id_t>(pid), &any, WEXITED | WNOHANG | WNOWAIT) == 0;
}

std::string describe_end(int status) {
  if (WIFSIGNALED(status)) return fmt::format("was killed by {}", signal_name(WTERMSIG(status)));
  return fmt::format("exited with status {}", WEXITSTATUS(status));
}

} // namespace epollhost::master
