// Distributed under the Boost Software License, Version 1.0.
// A small loop over src/net that accepts connections, which can be wrong in one point.
#ifndef EPOLLHOST_TEST_SIM_PLANTED_MINI_LOOP_HPP
#define EPOLLHOST_TEST_SIM_PLANTED_MINI_LOOP_HPP

#include "planted/bug.hpp"

#include "net/poller.hpp"
#include "net/signal_fd.hpp"
#include "net/socket.hpp"
#include "net/unique_fd.hpp"
#include "sim/subject.hpp"

#include <cstdint>

namespace epollhost::test {

/// Base of a server: it listens, and tells of accepted connections and of events. It ends at SIGTERM.
class mini_loop : public sim::subject {
public:
  mini_loop(bug planted, bool is_unix);
  ~mini_loop() override;

  net::endpoint at() const override { return net::local_endpoint(listener_.get()); }
  void run() override;
  std::int64_t ends_within_ns() const override { return 0; }
  std::size_t memory_a_connection() const override { return 8 * 1024 * 1024; }

protected:
  using number = std::uint64_t; // of an event; never used again: an old event finds nobody
  static constexpr number first_number = 2;

  virtual void start(net::unique_fd accepted) = 0;
  virtual void event(number of, std::uint32_t bits) = 0;
  virtual void end_connections() = 0;

  bool is(bug b) const { return bug_ == b; }
  net::poller& poller() { return poller_; }

private:
  void watch_listener();
  void accept();
  void cannot_accept();

  const bug bug_;
  net::poller poller_;
  net::signal_fd signals_;
  net::unique_fd listener_;
  bool listening_ = false, given_up_ = false, ending_ = false;
};

} // namespace epollhost::test

#endif
