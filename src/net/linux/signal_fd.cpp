// Distributed under the Boost Software License, Version 1.0.
// Signals as something to read.
#include "net/signal_fd.hpp"

#include "net/error.hpp"

#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace epollhost::net {

signal_fd::signal_fd(std::span<const int> signals) {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int s : signals)
    if (::sigaddset(&set, s) != 0) throw_last_error("sigaddset");
  if (const int e = ::pthread_sigmask(SIG_BLOCK, &set, nullptr)) errno = e, throw_last_error("pthread_sigmask");
  fd_.reset(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!fd_) throw_last_error("signalfd");
}

int signal_fd::read() {
  signalfd_siginfo info{};
  ssize_t n = 0;
  do n = ::read(fd_.get(), &info, sizeof info);
  while (n < 0 && errno == EINTR);
  return n == sizeof info ? static_cast<int>(info.ssi_signo) : 0;
}

} // namespace epollhost::net
