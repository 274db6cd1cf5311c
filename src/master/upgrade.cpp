// Distributed under the Boost Software License, Version 1.0.
// Replaces the program in place, and goes back if that fails.
#include "master/upgrade.hpp"

#include "base/log.hpp"
#include "master/child.hpp"
#include "net/error.hpp"
#include "net/unique_fd.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <cstdlib>
#include <cstring>

extern char** environ;

namespace epollhost::master {
namespace {

// What a program that takes the options says last (main.cpp).
constexpr std::size_t answer_bytes_max = 65536; // of its --check
constexpr std::string_view good_word = "the configuration is good";

constexpr const char* returned_variable = "_EPOLLHOST_RETURNED";

// Everything that going back needs, made ready beforehand: a signal handler may allocate nothing.
struct way_back {
  int program = -1;
  std::vector<std::string> words;
  std::vector<char*> arguments;
} way;

constexpr std::array fatal{SIGALRM, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> out;
  for (auto& w : words) out.push_back(w.data());
  out.push_back(nullptr);
  return out;
}

std::vector<std::string> read_command_line() {
  std::vector<std::string> out;
  const net::unique_fd fd(::open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC));
  std::string all;
  std::array<char, 4096> part;
  for (ssize_t n; fd && (n = ::read(fd.get(), part.data(), part.size())) > 0;) all.append(part.data(), std::size_t(n));
  for (std::size_t at = 0; at < all.size(); at = all.find('\0', at) + 1) out.emplace_back(all.c_str() + at);
  return out;
}

void on_fatal(int) {
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::fexecve(way.program, way.arguments.data(), environ);
  ::_exit(6); // the workers see it and drain
}

void handle(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  for (const int s : fatal) ::sigaction(s, &action, nullptr);
}

void arm_alarm(std::chrono::nanoseconds in) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(in).count();
  const itimerval t{.it_interval = {}, .it_value = {us / 1'000'000, us % 1'000'000}};
  ::setitimer(ITIMER_REAL, &t, nullptr);
}

std::string judge(const std::string& said, int status, bool killed) {
  const std::string quoted = said.empty() ? "" : fmt::format(": {}", said.substr(0, said.find_last_not_of('\n') + 1));
  if (killed) return "it did not answer to --check in time";
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return fmt::format("its --check {}{}", describe_end(status), quoted);
  if (said.find(good_word) == said.npos) return fmt::format("its --check did not say that all is good{}", quoted);
  return {};
}

} // namespace

command command::of_this_process(std::vector<std::string> words) {
  std::array<char, PATH_MAX> path;
  const ssize_t n = ::readlink("/proc/self/exe", path.data(), path.size());
  if (n < 0) net::throw_last_error("readlink of /proc/self/exe");
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

int open_this_program() {
  const int fd = ::open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  if (fd < 0) net::throw_last_error("open of /proc/self/exe");
  return fd;
}

std::string execute(const command& c, const handover& h) {
  leave(h);
  std::vector<std::string> words{c.program};
  words.insert(words.end(), c.words.begin(), c.words.end());
  const std::vector<char*> arguments = pointers(words);
  ::execv(arguments[0], arguments.data());
  const std::string why = fmt::format("cannot execute {}: {}", c.program, std::strerror(errno));
  settle(h);
  return why;
}

bool go_back_unless_settled(const handover& h, std::chrono::nanoseconds patience) {
  if (std::getenv(returned_variable)) return ::unsetenv(returned_variable), true;
  if (::setenv(returned_variable, "1", 1) != 0) net::throw_last_error("setenv"); // for the image we may go back to
  way.program = h.program;
  way.words = read_command_line();
  way.arguments = pointers(way.words);
  handle(on_fatal);
  sigset_t all;
  ::sigemptyset(&all);
  for (const int s : fatal) ::sigaddset(&all, s);
  ::sigprocmask(SIG_UNBLOCK, &all, nullptr);
  arm_alarm(patience);
  return false;
}

void go_back_if_possible(const std::string& why) {
  if (way.program < 0) return;
  log::error("", "the upgrade failed, going back to the program before this one: {}", why);
  arm_alarm({});
  on_fatal(0);
}

void stay() {
  if (way.program < 0) return;
  way.program = -1;
  arm_alarm({});
  handle(SIG_DFL);
  ::unsetenv(returned_variable);
}

} // namespace epollhost::master
