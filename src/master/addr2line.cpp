// Distributed under the Boost Software License, Version 1.0.
// Asks addr2line, where it is installed, for files and lines.
#include "master/addr2line.hpp"

#include "net/unique_fd.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>

namespace epollhost::master {
namespace {

constexpr std::size_t output_bytes_max = 256 * 1024;

[[noreturn]] void become(int out, char* const* argv) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL); // its parent has a deadline
  if (::dup2(out, STDOUT_FILENO) >= 0 && ::dup2(::open("/dev/null", O_WRONLY), STDERR_FILENO) >= 0)
    ::execvp(argv[0], argv);
  // The thread sanitizer flushes stdio in _exit(): what the parent had buffered is no answer of addr2line.
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
  ::_exit(127);
}

std::string run(std::vector<std::string> words) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return {};
  const net::unique_fd from(ends[0]);
  net::unique_fd to(ends[1]);
  std::vector<char*> argv;
  for (std::string& w : words) argv.push_back(w.data());
  argv.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid == 0) become(to.get(), argv.data());
  if (pid < 0) return {};
  to.reset();
  std::string out;
  std::array<char, 4096> part;
  for (ssize_t n; out.size() < output_bytes_max && (n = ::read(from.get(), part.data(), part.size())) != 0;) {
    if (n < 0 && errno != EINTR) break;
    if (n > 0) out.append(part.data(), std::size_t(n));
  }
  return out; // the process that calls ends soon, and whoever adopts its child reaps it
}

// "/src/http/parser.cpp:120 (discriminator 3)" -> "parser.cpp:120"; "??:0" and "??:?" -> "".
std::string short_line(std::string_view line) {
  line = line.substr(0, line.find(" ("));
  if (line.starts_with("??") || line.ends_with(":?") || line.ends_with(":0")) return {};
  return std::string(line.substr(line.rfind('/') + 1));
}

} // namespace

std::vector<std::string> addr2line(int fd, const std::vector<std::uint64_t>& addresses) {
  if (::fcntl(fd, F_SETFD, 0) != 0) return {};
  std::vector<std::string> words{"addr2line", "-e", fmt::format("/proc/self/fd/{}", fd)};
  for (const std::uint64_t a : addresses) words.push_back(fmt::format("{:#x}", a));
  const std::string out = run(std::move(words));
  std::vector<std::string> lines;
  std::string_view left = out;
  for (std::size_t end; (end = left.find('\n')) != std::string_view::npos; left.remove_prefix(end + 1))
    lines.push_back(short_line(left.substr(0, end)));
  return lines;
}

} // namespace epollhost::master
