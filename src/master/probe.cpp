// Distributed under the Boost Software License, Version 1.0.
// Runs plugin code in a short-lived child.
#include "master/probe.hpp"

#include "master/child.hpp"
#include "net/clock.hpp"
#include "net/error.hpp"
#include "worker/plugin_refused.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

namespace epollhost::master {
namespace {

// The first byte of what a probe says.
constexpr char good = '+', refused = '-';

void write_all(int fd, const std::string& bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    const ssize_t n = ::write(fd, bytes.data() + at, bytes.size() - at);
    if (n < 0 && errno != EINTR) return; // nobody listens any more
    if (n > 0) at += static_cast<std::size_t>(n);
  }
}

int in_child(int to, const std::function<std::string()>& body) {
  try {
    write_all(to, good + body());
  } catch (const std::exception& e) {
    write_all(to, refused + std::string(e.what()));
  }
  return 0;
}

// Reads until the end of the child's output; false if the deadline comes first.
bool read_until(int from, std::int64_t deadline_ns, std::string& out) {
  std::array<char, 4096> part;
  for (;;) {
    const std::int64_t left = deadline_ns - net::monotonic_ns();
    pollfd p{from, POLLIN, 0};
    if (left <= 0) return false;
    if (::poll(&p, 1, static_cast<int>(left / 1'000'000) + 1) <= 0) continue;
    const ssize_t n = ::read(from, part.data(), part.size());
    if (n == 0) return true;
    if (n > 0) out.append(part.data(), static_cast<std::size_t>(n));
  }
}

} // namespace

std::string probe(const std::string& file, const sealed_file& bytes, const char* doing,
                  const std::function<std::string()>& body) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) net::throw_last_error("pipe2");
  const net::unique_fd from(ends[0]);
  net::unique_fd to(ends[1]);
  const std::array<int, 2> keep{to.get(), bytes.fd()};
  const pid_t pid = fork_child(keep, [&] { return in_child(to.get(), body); });
  to.reset();

  std::string said;
  const bool ended =
      read_until(from.get(), net::monotonic_ns() + std::chrono::nanoseconds(probe_timeout).count(), said);
  if (!ended) ::kill(pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!ended)
    throw plugin_refused(
        fmt::format("plugin {} refused: {} it took longer than {} s; it may wait for something or loop", file, doing,
                    probe_timeout.count()));
  if (!said.empty() && said[0] == good) return said.substr(1);
  if (!said.empty()) throw plugin_refused(said.substr(1));
  throw plugin_refused(
      fmt::format("plugin {} refused: while {}, it {} in a trial process", file, doing, describe_end(status)));
}

} // namespace epollhost::master
