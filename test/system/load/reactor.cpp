// Distributed under the Boost Software License, Version 1.0.
// One thread that waits for descriptors and times.
#include "reactor.hpp"

#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace load {

std::int64_t now_ns() {
  timespec t{};
  ::clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1'000'000'000LL + t.tv_nsec;
}

reactor::reactor() : fd_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (fd_ < 0) throw std::system_error(errno, std::system_category(), "epoll_create1");
}

reactor::~reactor() { ::close(fd_); }

void reactor::watch(handler& h, int fd, std::uint32_t events) {
  epoll_event e{};
  e.events = events;
  e.data.ptr = &h;
  if (::epoll_ctl(fd_, EPOLL_CTL_ADD, fd, &e) != 0) throw std::system_error(errno, std::system_category(), "epoll_ctl");
}

void reactor::change(handler& h, int fd, std::uint32_t events) {
  epoll_event e{};
  e.events = events;
  e.data.ptr = &h;
  if (::epoll_ctl(fd_, EPOLL_CTL_MOD, fd, &e) != 0) throw std::system_error(errno, std::system_category(), "epoll_ctl");
}

void reactor::unwatch(handler& h, int fd) {
  ::epoll_ctl(fd_, EPOLL_CTL_DEL, fd, nullptr);
  gone_.insert(&h);
}

void reactor::wake(handler& h, std::int64_t at_ns) {
  sleep(h);
  h.wake_ns_ = at_ns;
  times_.emplace(at_ns, &h);
}

void reactor::sleep(handler& h) {
  if (h.wake_ns_ != 0) times_.erase({h.wake_ns_, &h});
  h.wake_ns_ = 0;
}

void reactor::run_timers() {
  const std::int64_t now = now_ns();
  while (!times_.empty() && times_.begin()->first <= now) {
    handler& h = *times_.begin()->second;
    sleep(h);
    h.on_time();
  }
}

void reactor::run_once() {
  constexpr std::int64_t ms = 1'000'000, longest = 100 * ms;
  std::int64_t wait = longest;
  if (!times_.empty()) wait = std::clamp<std::int64_t>(times_.begin()->first - now_ns(), 0, longest);
  std::array<epoll_event, 512> events;
  const int n = ::epoll_wait(fd_, events.data(), events.size(), static_cast<int>((wait + ms - 1) / ms));
  gone_.clear();
  for (int i = 0; i < n; ++i) {
    auto* const h = static_cast<handler*>(events[static_cast<std::size_t>(i)].data.ptr);
    if (!gone_.contains(h)) h->on_ready(events[static_cast<std::size_t>(i)].events);
  }
  run_timers();
}

} // namespace load
