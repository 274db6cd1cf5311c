// Distributed under the Boost Software License, Version 1.0.
// The way back from a new image of the program to the one before it, in the same process.
#include "master/way_back.hpp"

#include "base/log.hpp"
#include "master/signal_name.hpp"
#include "net/error.hpp"
#include "net/unique_fd.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

extern char** environ;

namespace epollhost::master {
namespace {

// Names the descriptor of the note. The note is a list of "key=value", each with a zero behind it; keys that are not
// known are left out.
constexpr const char* note_variable = "_EPOLLHOST_WAY_BACK";
constexpr std::string_view program_key = "program=", argument_key = "argument=", variable_key = "variable=";

// In the environment of the image that was gone back to: why. "signal 11", or what the new image has said.
constexpr std::string_view returned_variable = "_EPOLLHOST_RETURNED=", by_signal = "signal ";
constexpr std::size_t reason_bytes_max = 1000;

// Everything that going back needs, made ready beforehand: a signal handler may allocate nothing.
struct way_back {
  int program = -1; // -1: there is no way back, or none any more
  pid_t process = 0;
  std::vector<std::string> words;
  std::vector<char*> arguments, environment;
  char* reason = nullptr;          // where it is written, in the environment
  sigset_t repeated{};             // signals for the image that is gone back to
  std::array<char, 65536> stack{}; // of the handler, since the image's own may be what has overflowed
} way;

std::optional<std::string> returned_for; // in an image that was gone back to

// What ends a process that does not expect it. SIGALRM: the time is up.
constexpr std::array fatal{SIGALRM, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS, SIGTRAP, SIGXCPU, SIGPIPE};

std::string read_all(int fd) {
  std::string all;
  std::array<char, 4096> part;
  for (ssize_t n; (n = ::pread(fd, part.data(), part.size(), off_t(all.size()))) > 0;)
    all.append(part.data(), std::size_t(n));
  return all;
}

template <class F> void for_each_text(std::string_view all, F f) {
  for (std::size_t end; (end = all.find('\0')) != all.npos; all.remove_prefix(end + 1)) f(all.substr(0, end));
}

std::string note_of_this_image(int program) {
  std::string out = fmt::format("{}{}", program_key, program) + '\0';
  const net::unique_fd fd(::open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC));
  if (!fd) net::throw_last_error("open of /proc/self/cmdline");
  for_each_text(read_all(fd.get()), [&](std::string_view word) { (out += argument_key).append(word) += '\0'; });
  for (char** v = environ; *v; ++v) ((out += variable_key) += *v) += '\0';
  return out;
}

void arm_alarm(std::chrono::nanoseconds in) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(in).count();
  const itimerval t{.it_interval = {}, .it_value = {us / 1'000'000, us % 1'000'000}};
  ::setitimer(ITIMER_REAL, &t, nullptr);
}

void note_reason(std::string_view why) {
  const std::size_t size = std::min(why.size(), reason_bytes_max);
  std::memcpy(way.reason, why.data(), size);
  way.reason[size] = '\0';
}

void note_signal(int signal) {
  note_reason(by_signal);
  char* const digits = way.reason + by_signal.size();
  digits[0] = static_cast<char>('0' + signal / 10 % 10);
  digits[1] = static_cast<char>('0' + signal % 10);
  digits[2] = '\0';
}

// All signals stay blocked over the exec: one that is pending would end the image before it has a handler for it. It
// unblocks those that it does not read (settle_inherited_state).
void go_back() {
  arm_alarm({}); // it survives exec(2), and would end the image before
  sigset_t all;
  ::sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, nullptr);
  for (int s = 1; s < NSIG; ++s)
    if (::sigismember(&way.repeated, s) == 1) ::kill(way.process, s);
  ::fexecve(way.program, way.arguments.data(), way.environment.data());
}

void on_fatal(int signal) {
  if (::getpid() != way.process) ::_exit(128 + signal); // a child that has not come to its own handlers yet
  note_signal(signal);
  go_back();
  ::_exit(6); // the workers see it and drain
}

// exit(3), which a library may call.
void on_exit() {
  if (way.program < 0 || ::getpid() != way.process) return;
  note_reason("it called exit");
  go_back();
}

void handle(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_ONSTACK;
  for (const int s : fatal) ::sigaction(s, &action, nullptr);
}

void unblock_fatal() {
  sigset_t all;
  ::sigemptyset(&all);
  for (const int s : fatal) ::sigaddset(&all, s);
  ::sigprocmask(SIG_UNBLOCK, &all, nullptr);
}

std::string to_reason(const std::string& returned) {
  if (!returned.starts_with(by_signal)) return returned;
  const int signal = std::atoi(returned.c_str() + by_signal.size());
  if (signal == SIGALRM) return "it was not ready in time";
  return fmt::format("it was ended by {}", signal_name(signal));
}

// This image was gone back to if the variable is there. Its children need not know.
void look_whether_returned() {
  const std::string name(returned_variable.substr(0, returned_variable.size() - 1));
  const char* const value = std::getenv(name.c_str());
  if (!value) return;
  returned_for = to_reason(value);
  ::unsetenv(name.c_str());
}

// Answers the program's descriptor.
int read_note(const std::string& note) {
  int program = -1;
  std::vector<std::string> arguments, variables;
  for_each_text(note, [&](std::string_view text) {
    if (text.starts_with(program_key)) program = std::atoi(text.data() + program_key.size());
    if (text.starts_with(argument_key)) arguments.emplace_back(text.substr(argument_key.size()));
    if (text.starts_with(variable_key)) variables.emplace_back(text.substr(variable_key.size()));
  });
  variables.push_back(std::string(returned_variable) + std::string(reason_bytes_max + 1, '\0'));
  way.words = std::move(arguments);
  const std::size_t count = way.words.size();
  way.words.insert(way.words.end(), variables.begin(), variables.end());
  for (std::size_t i = 0; i < way.words.size(); ++i)
    (i < count ? way.arguments : way.environment).push_back(way.words[i].data());
  way.arguments.push_back(nullptr);
  way.environment.push_back(nullptr);
  way.reason = way.words.back().data() + returned_variable.size();
  return program;
}

} // namespace

void leave_way_back(int program) {
  const std::string note = note_of_this_image(program);
  net::unique_fd file(::memfd_create("epollhost way back", 0));
  if (!file || ::write(file.get(), note.data(), note.size()) != static_cast<ssize_t>(note.size()))
    net::throw_last_error("memfd_create of the way back");
  if (::setenv(note_variable, std::to_string(file.get()).c_str(), 1) != 0) net::throw_last_error("setenv");
  file.release(); // the next image closes it
}

void forget_way_back() {
  if (const char* const number = std::getenv(note_variable)) net::close(std::atoi(number));
  ::unsetenv(note_variable);
}

void arm_way_back(std::chrono::nanoseconds patience) {
  look_whether_returned();
  const char* const number = std::getenv(note_variable);
  if (!number) return;
  const int fd = std::atoi(number);
  const int program = read_note(read_all(fd));
  if (::fcntl(program, F_GETFD) < 0)
    throw std::runtime_error(fmt::format("{} is '{}', which is no note of epollhost; unset it", note_variable, number));
  forget_way_back();
  ::sigemptyset(&way.repeated);
  way.process = ::getpid();
  way.program = program;
  const stack_t stack{.ss_sp = way.stack.data(), .ss_flags = 0, .ss_size = way.stack.size()};
  ::sigaltstack(&stack, nullptr); // without one, an overflow of the stack is not survived
  std::atexit(on_exit); // fails only without memory
  handle(on_fatal);
  unblock_fatal();
  arm_alarm(patience);
}

std::optional<std::string> why_it_went_back() { return returned_for; }

void go_back_if_possible(const std::string& why) {
  if (way.program < 0) return;
  note_reason(why);
  go_back();
  const int error = errno;
  log::error("", "the upgrade failed: {}. The program before this one cannot be executed again: {}", why,
             std::strerror(error));
  ::_exit(6); // the workers see it and drain
}

void repeat_after_going_back(int signal) {
  if (way.program >= 0) ::sigaddset(&way.repeated, signal);
}

void stay() {
  returned_for.reset();
  if (std::exchange(way.program, -1) < 0) return;
  arm_alarm({});
  handle(SIG_DFL);
  ::signal(SIGPIPE, SIG_IGN); // as serve() has it
}

} // namespace epollhost::master
