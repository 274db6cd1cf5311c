// Distributed under the Boost Software License, Version 1.0.
// Waiting: one epoll set of the simulated kernel.
#include "net/poller.hpp"

#include "net/sim/kernel.hpp"

#include <climits>

namespace epollhost::net {
namespace {

error_code control(const char* call, int set, int fd, std::uint32_t mask, std::uint64_t data) {
  return {sim::kernel::current().control(call, set, fd, mask, data), boost::system::system_category()};
}

} // namespace

poller::poller() : fd_(sim::kernel::current().install(std::make_shared<sim::poll_set>())) {
  if (!fd_) throw system_error(EMFILE, boost::system::system_category(), "epoll_create1");
}

error_code poller::add(int fd, std::uint32_t mask, std::uint64_t data) {
  return control("epoll_add", fd_.get(), fd, mask, data);
}

error_code poller::modify(int fd, std::uint32_t mask, std::uint64_t data) {
  return control("epoll_mod", fd_.get(), fd, mask, data);
}

void poller::remove(int fd) { control("epoll_del", fd_.get(), fd, 0, 0); }

int poller::wait(std::span<epoll_event> events, std::int64_t timeout_ns) {
  return sim::kernel::current().wait(fd_.get(), events, timeout_ns);
}

// As early as the real one may be.
int poller::wait_roughly(std::span<epoll_event> events, std::int64_t timeout_ns) {
  const std::int64_t ms = timeout_ns >> 20;
  return wait(events, ms > INT_MAX ? -1 : ms * 1'000'000);
}

} // namespace epollhost::net
