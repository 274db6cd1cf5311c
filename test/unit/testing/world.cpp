// Distributed under the Boost Software License, Version 1.0.
// What a script of peers acts upon: the real worker, or the host in memory, with the same plugin in both.
#include "world.hpp"

#include "support/served.hpp"

#include <boost/test/unit_test.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <chrono>

using namespace std::chrono_literals;

namespace epollhost::test {
namespace {

class memory_world final : public world {
public:
  memory_world(trace& seen, const testing::limits& bounds)
      : world(seen),
        plugin_(std::make_unique<testing::plugin>(argument("probe.so"), testing::texts(),
                                                  testing::settings{.limits = bounds, .run = false, .throws = false})) {
  }

  std::vector<std::string> do_ends() const override {
    std::vector<std::string> out;
    for (const testing::peer& p : peers_) out.push_back(p.ended() ? "ended" : p.was_reset() ? "reset" : "open");
    return out;
  }

private:
  void do_connect() override { peers_.push_back(plugin_->connect()); }
  void do_send(std::size_t peer, std::string_view bytes) override { peers_[peer].send(bytes); }
  void do_finish(std::size_t peer) override { peers_[peer].finish(); }
  void do_close(std::size_t peer) override { peers_[peer].close(); }
  void do_reset(std::size_t peer) override { peers_[peer].reset(); }
  void do_read(std::size_t peer, bool on) override { on ? peers_[peer].start_reading() : peers_[peer].stop_reading(); }
  void do_drain() override { plugin_->drain(); }
  void do_pass(std::chrono::nanoseconds time) override { plugin_->advance(time); }

  mark rest() override {
    plugin_->settle();
    mark out{seen_.size(), plugin_->bytes_in(), {}};
    for (const testing::peer& p : peers_) out.received.push_back(p.received());
    return out;
  }

  std::unique_ptr<testing::plugin> plugin_; // its destructor may throw, and ours may not
  std::vector<testing::peer> peers_;
};

class real_world final : public world {
public:
  real_world(probe& p, trace& seen, const testing::limits& bounds, const std::vector<mark>& expected)
      : world(seen), expected_(expected), served_(p, loop::trigger::edge, [&](worker_settings& s) {
          s.limits.input_max = bounds.input_max;
          s.limits.output_high = bounds.output_high;
          s.limits.output_low = bounds.output_low;
          s.limits.output_max = bounds.output_max;
          s.limits.turn_calls = bounds.turn_calls;
          s.limits.linger_timeout = bounds.linger_timeout;
          s.drain_timeout = bounds.drain_timeout;
        }) {}

  std::vector<std::string> do_ends() const override {
    std::vector<std::string> out;
    for (const auto& c : clients_) out.push_back(c.at->ended ? "ended" : c.at->error ? "reset" : "open");
    return out;
  }

private:
  struct remote {
    std::unique_ptr<client> at;
    bool reads = true, open = true;
  };

  void do_connect() override {
    clients_.push_back({std::make_unique<client>(served_.at()), true, true});
    const int on = 1; // what a step sends must be there at its end
    BOOST_REQUIRE(::setsockopt(clients_.back().at->fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0);
  }
  void do_send(std::size_t peer, std::string_view bytes) override { clients_[peer].at->send_some(bytes); }
  void do_finish(std::size_t peer) override { ::shutdown(clients_[peer].at->fd(), SHUT_WR); } // it may be over already
  void do_close(std::size_t peer) override { clients_[peer].at->close(), clients_[peer].open = false; }
  void do_reset(std::size_t peer) override { clients_[peer].at->reset(), clients_[peer].open = false; }
  void do_read(std::size_t peer, bool on) override { clients_[peer].reads = on; }
  void do_drain() override { served_.worker->drain(); }
  void do_pass(std::chrono::nanoseconds) override {} // it passes by itself: the step lasts until all was seen

  bool reached(const mark& goal, const mark& now) const {
    if (now.calls < goal.calls || now.bytes_in < goal.bytes_in) return false;
    for (std::size_t i = 0; i < clients_.size(); ++i)
      if (clients_[i].open && clients_[i].reads && now.received[i].size() < goal.received[i].size()) return false;
    return true;
  }

  mark look() {
    served_.turn();
    mark out{seen_.size(), served_.counters().bytes_in, {}};
    for (auto& c : clients_) {
      if (c.open && c.reads) c.at->receive();
      out.received.push_back(c.at->received);
    }
    return out;
  }

  mark rest() override {
    BOOST_REQUIRE_LT(marks_.size(), expected_.size());
    mark now = look();
    while (!reached(expected_[marks_.size()], now)) now = look();
    for (int i = 0; i < 3; ++i) now = look();
    return now;
  }

  const std::vector<mark>& expected_;
  served served_;
  std::vector<remote> clients_;
};

} // namespace

testing::limits small_limits() {
  testing::limits out;
  out.input_max = 32 * 1024;
  out.turn_calls = 16;
  out.linger_timeout = 1h; // no step waits for it
  out.drain_timeout = 0ns;
  return out;
}

std::unique_ptr<world> make_memory_world(trace& seen, const testing::limits& bounds) {
  return std::make_unique<memory_world>(seen, bounds);
}

std::unique_ptr<world> make_real_world(probe& p, trace& seen, const testing::limits& bounds,
                                       const std::vector<mark>& expected) {
  return std::make_unique<real_world>(p, seen, bounds, expected);
}

} // namespace epollhost::test
