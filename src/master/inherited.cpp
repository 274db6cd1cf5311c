// Distributed under the Boost Software License, Version 1.0.
// Inherited process state: decides once what this program takes over from the process that started it.
#include "master/inherited.hpp"

#include "master/descriptors.hpp"
#include "master/passed_sockets.hpp"
#include "net/process.hpp"

#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <string_view>

extern char** environ;

namespace epollhost::master {
namespace {

constexpr int first_passed_fd = 3; // SD_LISTEN_FDS_START

// Where a parent ignores SIGCHLD, the end of a worker would never be seen; where it ignores SIGPIPE, `--help | head`
// would fail. Handlers do not survive exec(2), so what is not ignored is default. SIGHUP is the exception: nohup(1)
// ignores it on purpose, and a master reads it all the same.
void settle_dispositions() {
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  for (int s = 1; s < NSIG; ++s)
    if (s != SIGHUP && s != SIGKILL && s != SIGSTOP) ::sigaction(s, &standard, nullptr); // the C library's own: EINVAL
  ::signal(SIGXFSZ, SIG_IGN); // a write above RLIMIT_FSIZE is an error (EFBIG), and not the end of the process
}

// A parent may have blocked any of them, for ever. In an upgrade those that came meanwhile would end us here.
void settle_mask(bool upgrading) {
  sigset_t blocked;
  ::sigemptyset(&blocked);
  if (upgrading) blocked = master_signals();
  ::sigprocmask(SIG_SETMASK, &blocked, nullptr);
}

// They survive exec(2), and each would end the process one day.
void stop_timers() {
  const itimerval none{};
  for (const auto timer : {ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF}) ::setitimer(timer, &none, nullptr);
}

// What a parent has left open by mistake would stay open as long as we live: the other end of a pipe would wait, a
// lock be held, a port be taken.
void settle_descriptors(std::span<const char* const> words) {
  net::open_standard_descriptors();
  std::vector<int> kept = meant_descriptors(words);
  for (int fd = 0; fd <= STDERR_FILENO; ++fd) kept.push_back(fd);
  close_all_but(std::move(kept));
}

// With 0 everybody could write to what we make without saying a mode; with more than 077 we could not open our own
// files again.
void settle_umask() { ::umask((::umask(022) | 022) & 077); }

int number(std::string_view text) {
  int n = -1;
  std::from_chars(text.data(), text.data() + text.size(), n);
  return n;
}

void add_named(std::string_view text, std::vector<int>& to) {
  for (const std::string_view folder : {"/dev/fd/", "/proc/self/fd/"})
    for (auto at = text.find(folder); at != text.npos; at = text.find(folder, at + 1))
      if (const int fd = number(text.substr(at + folder.size())); fd > STDERR_FILENO) to.push_back(fd);
}

} // namespace

sigset_t master_signals() {
  sigset_t out;
  ::sigemptyset(&out);
  for (const int s : {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, SIGCHLD}) ::sigaddset(&out, s);
  return out;
}

std::vector<int> meant_descriptors(std::span<const char* const> words) {
  std::vector<int> out;
  const char* const process = std::getenv("LISTEN_PID");
  const char* const count = std::getenv("LISTEN_FDS");
  if (process && count && number(process) == ::getpid())
    for (int i = 0; i < std::min(number(count), passed_sockets_max); ++i) out.push_back(first_passed_fd + i);
  for (const char* word : words) add_named(word, out);
  for (char** v = environ; *v; ++v)
    if (std::strncmp(*v, "EPOLLHOST_", 10) == 0) add_named(*v, out);
  return out;
}

void settle_inherited_state(int argc, const char* const* argv, bool upgrading) {
  stop_timers();
  settle_dispositions();
  settle_mask(upgrading);
  if (!upgrading) settle_descriptors({argv, static_cast<std::size_t>(argc)});
  settle_umask();
}

} // namespace epollhost::master
