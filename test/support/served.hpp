// Distributed under the Boost Software License, Version 1.0.
// A worker with a probe on a free port, turned by the test's own thread.
#ifndef EPOLLHOST_TEST_SUPPORT_SERVED_HPP
#define EPOLLHOST_TEST_SUPPORT_SERVED_HPP

#include "support/client.hpp"
#include "support/log_lines.hpp"
#include "support/probe.hpp"
#include "support/watch.hpp"
#include "worker/worker.hpp"

#include <functional>
#include <memory>
#include <optional>

namespace epollhost::test {

/// 127.0.0.1, port 0.
listen_address any_port();

/// An abstract unix address that no other test has.
listen_address any_unix();

/// Settings for a plugin: one listener at any_port(), a short linger, everything else as the host has it by default.
worker_settings default_settings(const plugin_library& plugin, loop::trigger trigger);

/// The worker, made and ended by the test. Nothing runs in between but in turn(), until() and rest().
class served {
public:
  using change = std::function<void(worker_settings&)>;
  served(const plugin_library& plugin, loop::trigger trigger, const change& f = {});
  served(probe& p, loop::trigger trigger, const change& f = {}) : served(p.library(), trigger, f) {}
  ~served();

  /// One turn of the loop, without waiting.
  void turn();

  /// Turn until `done()`. The test's deadline bounds it.
  template <class Done> void until(Done done) {
    while (!done()) turn();
  }

  /// Turn, and receive at `c`, until so many bytes are there in all; or until its end.
  void receive(client& c, std::size_t bytes);
  void receive_end(client& c);

  /// Send all, turning where it does not fit.
  void send(client& c, std::string_view bytes);

  /// Let the loop block as it does by itself, for so long; answers how often it turned. Never for the time's own sake:
  /// a loop that has nothing to do turns a few times, one that spins thousands of times.
  std::uint64_t rest(std::chrono::milliseconds time);

  net::endpoint at(std::size_t index = 0) const { return worker->listening().at(index); }
  const worker_counters& counters() const { return worker->counters(); }

  std::optional<epollhost::worker> worker;
};

/// The most turns that rest() may take when nothing happens but what the kernel still moves, late on a busy machine.
inline constexpr std::uint64_t quiet_turns = 50;

} // namespace epollhost::test

#endif
