// Distributed under the Boost Software License, Version 1.0.
// What the log process does: read lines from the pipe, write them to the sinks, until nobody can write any more. The
// log channels beside it.
#include "master/log_reader.hpp"

#include "master/channel_reader.hpp"
#include "master/descriptors.hpp"
#include "master/line_splitter.hpp"
#include "master/log_sinks.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <vector>

namespace epollhost::master {
namespace {

constexpr int retry_ms = 1000; // how often a sink that lost lines is asked whether it goes again

net::unique_fd reopen_requests() {
  sigset_t usr1;
  ::sigemptyset(&usr1);
  ::sigaddset(&usr1, SIGUSR1);
  return net::unique_fd(::signalfd(-1, &usr1, SFD_NONBLOCK | SFD_CLOEXEC));
}

bool take_request(int fd) {
  signalfd_siginfo info;
  return ::read(fd, &info, sizeof info) == ssize_t(sizeof info);
}

// Of two times as poll(2) has them; below 0: for ever.
int shorter(int a, int b) { return a < 0 || (b >= 0 && b < a) ? b : a; }

} // namespace

int run_log_reader(int reader, const log_options& options, net::unique_fd file, net::unique_fd channels) {
  ::prctl(PR_SET_NAME, "epollhost-log"); // for ps only
  close_all_but({STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, reader, file.get(), channels.get()});
  const net::unique_fd requests = reopen_requests();
  if (!requests) return 1;
  log_sinks sinks(options, std::move(file));
  line_splitter lines(sinks);
  channel_reader channel_lines(std::move(channels), sinks);
  std::array<char, 65536> buffer;
  for (std::vector<pollfd> waits;;) {
    waits.assign({{reader, POLLIN, 0}, {requests.get(), POLLIN, 0}});
    const int timeout = shorter(channel_lines.wait_for(waits), sinks.behind() ? retry_ms : -1);
    if (::poll(waits.data(), waits.size(), timeout) < 0 && errno != EINTR) return 1;
    if (waits[1].revents && take_request(requests.get())) sinks.reopen(), channel_lines.reopen();
    channel_lines.look(waits);
    if (!waits[0].revents) {
      sinks.retry();
      continue;
    }
    const ssize_t n = ::read(reader, buffer.data(), buffer.size());
    if (n > 0) lines.take({buffer.data(), std::size_t(n)});
    if (n < 0 && errno != EAGAIN && errno != EINTR) return 1;
    if (n == 0) return channel_lines.finish(), lines.end(), sinks.retry(), 0;
  }
}

} // namespace epollhost::master
