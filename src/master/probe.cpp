// Distributed under the Boost Software License, Version 1.0.
// Runs plugin code in a short-lived child.
#include "master/probe.hpp"

#include "master/child.hpp"
#include "master/crash_report.hpp"
#include "master/stack_report.hpp"
#include "net/error.hpp"
#include "worker/crash_handler.hpp"
#include "worker/plugin_refused.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <utility>

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

int in_child(int to, int report, const identity& rights, const std::function<std::string()>& body) {
  try {
    install_crash_handler(report); // without one, a crash is told without its place
    drop_privileges(rights);
    write_all(to, good + body());
  } catch (const std::exception& e) {
    write_all(to, refused + std::string(e.what()));
  }
  return 0;
}

std::pair<net::unique_fd, net::unique_fd> make_pipe(int flags) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | flags) != 0) net::throw_last_error("pipe2");
  return {net::unique_fd(ends[0]), net::unique_fd(ends[1])};
}

[[noreturn]] void refuse(const std::string& file, const std::string& why) {
  throw plugin_refused(fmt::format("plugin {} refused: {}", file, why));
}

std::string describe_crash(const crash_record& record, const std::string& file, const sealed_file& bytes,
                           const identity& rights, const char* doing) {
  const auto lines = stack_lines(record, {.plugin_name = file.substr(file.rfind('/') + 1),
                                          .plugin_fd = bytes.fd(),
                                          .before_files = [rights] { drop_privileges(rights); }});
  return fmt::format("it crashed while {}: {}{}{}", doing, describe_signal(record), lines.empty() ? "" : ", in\n  ",
                     fmt::join(lines, "\n  "));
}

} // namespace

std::string probe(const std::string& file, const sealed_file& bytes, const identity& rights, const char* doing,
                  const std::function<std::string()>& body) {
  auto [from, to] = make_pipe(0);
  const auto [report_from, report_to] = make_pipe(O_NONBLOCK);
  const std::array<int, 3> keep{to.get(), report_to.get(), bytes.fd()};
  const pid_t pid =
      fork_child(keep, [&, said_to = keep[0], report = keep[1]] { return in_child(said_to, report, rights, body); });
  to.reset();

  std::string said;
  const bool ended = read_until_end(from.get(), probe_timeout, said);
  if (!ended) ::kill(pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!ended)
    refuse(file,
           fmt::format("{} it took longer than {} s; it may wait for something or loop", doing, probe_timeout.count()));
  if (!said.empty() && said[0] == good) return said.substr(1);
  if (!said.empty() && said[0] == refused) throw plugin_refused(said.substr(1));
  if (!said.empty())
    refuse(file, "its trial process has said what is no answer. It must leave descriptors alone that it has "
                 "not opened");
  if (const auto record = read_report(report_from.get()))
    refuse(file, describe_crash(*record, file, bytes, rights, doing));
  refuse(file, fmt::format("while {}, it {} in a trial process", doing, describe_end(status)));
}

} // namespace epollhost::master
