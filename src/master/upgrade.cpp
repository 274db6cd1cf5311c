// Distributed under the Boost Software License, Version 1.0.
// Replaces the program in place.
#include "master/upgrade.hpp"

#include "base/log.hpp"
#include "master/child.hpp"
#include "master/way_back.hpp"
#include "net/error.hpp"
#include "net/unique_fd.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <cstdlib>
#include <cstring>

namespace epollhost::master {
namespace {

constexpr std::size_t answer_bytes_max = 65536; // of a --check

// Set for the --check of a new program: the form of the handover that it would find.
constexpr const char* check_variable = "_EPOLLHOST_CHECKED_BY";

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> out;
  for (auto& w : words) out.push_back(w.data());
  out.push_back(nullptr);
  return out;
}

// While this process was busy with the new program's --check.
bool end_is_asked_for() {
  sigset_t waiting;
  return ::sigpending(&waiting) == 0 && (::sigismember(&waiting, SIGTERM) == 1 ||
                                         ::sigismember(&waiting, SIGINT) == 1 || ::sigismember(&waiting, SIGQUIT) == 1);
}

std::string judge(const std::string& said, int status, bool killed) {
  const std::string quoted = said.empty() ? "" : fmt::format(": {}", said.substr(0, said.find_last_not_of('\n') + 1));
  if (killed) return "it did not answer to --check in time";
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return fmt::format("its --check {}{}", describe_end(status), quoted);
  if (said.find(takes_over_word) == said.npos)
    return fmt::format("its --check did not say that it can take over: it is another program, or another version of "
                       "this one; stop and start the service instead{}",
                       quoted);
  return {};
}

} // namespace

command command::of_this_process(std::vector<std::string> words) {
  std::array<char, PATH_MAX> path;
  ssize_t n = ::readlink("/proc/self/exe", path.data(), path.size());
  if (n < 0) { // no /proc, or that of other processes
    const auto* const executed = reinterpret_cast<const char*>(::getauxval(AT_EXECFN));
    if (!executed || !::realpath(executed, path.data())) net::throw_last_error("realpath of this program");
    n = static_cast<ssize_t>(std::strlen(path.data()));
  }
  std::string program(path.data(), static_cast<std::size_t>(n));
  constexpr std::string_view gone = " (deleted)";
  if (program.ends_with(gone)) program.resize(program.size() - gone.size());
  return {std::move(program), std::move(words)};
}

std::string check_new_program(const command& c, std::chrono::seconds patience) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fmt::format("pipe2: {}", std::strerror(errno));
  const net::unique_fd from(ends[0]);
  net::unique_fd to(ends[1]);
  std::vector<std::string> words{c.program};
  words.insert(words.end(), c.words.begin(), c.words.end());
  words.push_back("--check");
  const std::vector<char*> arguments = pointers(words);
  const std::array keep{to.get()};
  const pid_t pid = fork_child(keep, [&] {
    ::dup2(to.get(), STDOUT_FILENO);
    ::dup2(to.get(), STDERR_FILENO);
    ::setenv(check_variable, handover_format().c_str(), 1); // without memory it says that it cannot take over
    ::execv(arguments[0], arguments.data());
    const std::string why = fmt::format("cannot execute {}: {}", c.program, std::strerror(errno));
    return ::write(STDERR_FILENO, why.data(), why.size()) < 0 ? 1 : 2;
  });
  to.reset();
  std::string said;
  read_until_end(from.get(), patience, said, answer_bytes_max); // judge() looks whether it has ended
  int status = 0;
  const bool killed = ::waitpid(pid, &status, WNOHANG) == 0 && [&] {
    pollfd end{from.get(), POLLIN, 0};
    if (::poll(&end, 1, 0) == 1) return ::waitpid(pid, &status, 0) < 0; // its output has ended, so it is about to
    ::kill(pid, SIGKILL);
    return ::waitpid(pid, &status, 0) >= 0;
  }();
  return judge(said, status, killed);
}

std::optional<std::string> asked_to_take_over() {
  const char* const format = std::getenv(check_variable);
  if (!format) return {};
  return format;
}

int open_this_program() {
  const int fd = ::open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  if (fd < 0) net::throw_last_error("open of /proc/self/exe");
  return fd;
}

std::string execute(const command& c, const handover& h) {
  if (end_is_asked_for()) return "the end was asked for meanwhile";
  std::string why;
  try {
    leave(h);
    leave_way_back(h.program);
    std::vector<std::string> words{c.program};
    words.insert(words.end(), c.words.begin(), c.words.end());
    const std::vector<char*> arguments = pointers(words);
    ::execv(arguments[0], arguments.data());
    why = fmt::format("cannot execute {}: {}", c.program, std::strerror(errno));
  } catch (const std::exception& e) {
    why = e.what();
  }
  forget_way_back();
  settle(h);
  return why;
}

} // namespace epollhost::master
