// Distributed under the Boost Software License, Version 1.0.
// Waiting: one epoll set.
#include "net/poller.hpp"

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <climits>

namespace epollhost::net {
namespace {

error_code control(int set, int operation, int fd, std::uint32_t mask, std::uint64_t data) {
  epoll_event e{};
  e.events = mask;
  e.data.u64 = data;
  return ::epoll_ctl(set, operation, fd, &e) == 0 ? error_code() : last_error();
}

// Rounded up: a timer never fires early.
int milliseconds(std::int64_t timeout_ns) {
  if (timeout_ns < 0) return -1;
  const std::int64_t ms = timeout_ns / 1'000'000 + (timeout_ns % 1'000'000 != 0);
  return ms > INT_MAX ? INT_MAX : static_cast<int>(ms);
}

int wait_ms(int set, std::span<epoll_event> events, int timeout_ms) {
  const int n = ::epoll_wait(set, events.data(), static_cast<int>(events.size()), timeout_ms);
  if (n >= 0) [[likely]]
    return n;
  if (errno != EINTR) throw_last_error("epoll_wait");
  return 0;
}

int wait_ns(int set, std::span<epoll_event> events, std::int64_t timeout_ns) {
  const timespec t{timeout_ns / 1'000'000'000, timeout_ns % 1'000'000'000};
  return static_cast<int>(
      ::syscall(SYS_epoll_pwait2, set, events.data(), static_cast<int>(events.size()), &t, nullptr, 0));
}

} // namespace

poller::poller() : fd_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (!fd_) throw_last_error("epoll_create1");
}

error_code poller::add(int fd, std::uint32_t mask, std::uint64_t data) {
  return control(fd_.get(), EPOLL_CTL_ADD, fd, mask, data);
}

error_code poller::modify(int fd, std::uint32_t mask, std::uint64_t data) {
  return control(fd_.get(), EPOLL_CTL_MOD, fd, mask, data);
}

void poller::remove(int fd) {
  // ENOENT would mean that it never was in the set: nothing is lost then.
  ::epoll_ctl(fd_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

int poller::wait(std::span<epoll_event> events, std::int64_t timeout_ns) {
  if (nanoseconds_ && timeout_ns > 0) {
    const int n = wait_ns(fd_.get(), events, timeout_ns);
    // libc has the call where the kernel does not (ENOSYS), and old container filters answer EPERM.
    if (n < 0 && (errno == ENOSYS || errno == EPERM))
      nanoseconds_ = false;
    else if (n >= 0 || errno == EINTR)
      return n < 0 ? 0 : n;
  }
  return wait_ms(fd_.get(), events, milliseconds(timeout_ns));
}

int poller::wait_roughly(std::span<epoll_event> events, std::int64_t timeout_ns) {
  const std::int64_t ms = timeout_ns >> 20; // of 1,048,576 ns each, waited for as if they had 1,000,000
  return wait_ms(fd_.get(), events, ms > INT_MAX ? -1 : static_cast<int>(ms));
}

} // namespace epollhost::net
