// Distributed under the Boost Software License, Version 1.0.
// Makes names of the addresses in a crash record, in a short-lived child.
#include "master/symbolizer.hpp"

#include "master/child.hpp"
#include "master/crash_report.hpp"
#include "master/symbolize.hpp"
#include "net/error.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <string_view>

namespace epollhost::master {
namespace {

constexpr std::size_t said_bytes_max = 256 * 1024;

void limit(decltype(RLIMIT_CPU) what, rlim_t most) {
  const rlimit l{most, most};
  if (::setrlimit(what, &l) != 0) net::throw_last_error("setrlimit");
}

int in_child(const crash_record& record, const symbolizer_options& options, int to) {
  ::alarm(symbolizer_seconds_max);
  limit(RLIMIT_CPU, symbolizer_seconds_max);
  limit(RLIMIT_CORE, 0);
#ifndef EPOLLHOST_SANITIZED // those map terabytes
  limit(RLIMIT_AS, rlim_t(2) << 30);
#endif
  if (options.before_files) options.before_files();
  symbolize(record, options, to);
  return 0;
}

} // namespace

symbolizer::symbolizer(const crash_record& record, const symbolizer_options& options)
    : record_(record), plugin_(options.plugin_name) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) net::throw_last_error("pipe2");
  from_.reset(ends[0]);
  const net::unique_fd to(ends[1]);
  if (::fcntl(from_.get(), F_SETFL, O_NONBLOCK) != 0) net::throw_last_error("fcntl");
  const std::array<int, 3> keep{to.get(), options.plugin_fd, options.program_fd};
  pid_ = fork_child(keep, [&] { return in_child(record, options, to.get()); });
  process_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
}

symbolizer::~symbolizer() {
  // It ends by itself within its deadline too: so where there is no pidfd nothing is lost.
  if (process_ && from_) ::syscall(SYS_pidfd_send_signal, process_.get(), SIGKILL, nullptr, 0);
}

bool symbolizer::read() {
  std::array<char, 4096> part;
  while (said_.size() < said_bytes_max) {
    const ssize_t n = ::read(from_.get(), part.data(), part.size());
    if (n > 0) said_.append(part.data(), std::size_t(n));
    if (n < 0 && errno == EAGAIN) return false;
    if (n == 0 || (n < 0 && errno != EINTR)) break;
  }
  return true;
}

// What it said is lines of "INDEX TEXT"; a later one for the same frame knows more.
std::vector<std::string> symbolizer::lines() const {
  std::vector<std::string> out = describe_frames(record_, plugin_);
  std::string_view left = said_;
  for (std::size_t end; (end = left.find('\n')) != std::string_view::npos; left.remove_prefix(end + 1)) {
    const std::string_view line = left.substr(0, end);
    std::size_t index = out.size();
    const auto number = std::from_chars(line.data(), line.data() + line.size(), index);
    if (index < out.size() && number.ptr != line.data() + line.size())
      out[index] = std::string(number.ptr + 1, line.data() + line.size());
  }
  return out;
}

} // namespace epollhost::master
