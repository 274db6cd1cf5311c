// Distributed under the Boost Software License, Version 1.0.
// Wakes a loop of the simulated kernel.
#include "net/event_fd.hpp"

#include "net/error.hpp"
#include "net/sim/kernel.hpp"

namespace epollhost::net {
namespace {

// It is never read, so once written it stays ready: only the edge tells.
struct event_file final : sim::file {
  bool written = false;
  std::uint32_t poll() override { return written ? std::uint32_t(EPOLLIN) : 0; }
  void released(bool) override {}
};

} // namespace

event_fd::event_fd() : fd_(sim::kernel::current().install(std::make_shared<event_file>())) {
  if (!fd_) throw system_error(EMFILE, boost::system::system_category(), "eventfd");
}

void event_fd::notify() {
  auto* const f = sim::kernel::current().find_as<event_file>(fd_.get());
  f->written = true;
  f->wake(EPOLLIN);
  sim::kernel::current().answered("notify", fd_.get(), 0);
}

} // namespace epollhost::net
