// Distributed under the Boost Software License, Version 1.0.
// What a script of peers acts upon: the real worker, or the host in memory, with the same plugin in both.
#ifndef EPOLLHOST_TEST_TESTING_WORLD_HPP
#define EPOLLHOST_TEST_TESTING_WORLD_HPP

#include <epollhost/testing.hpp>

#include "support/probe.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace epollhost::test {

/// All that the plugin saw, and what it answered where that depends on the host.
using trace = std::vector<std::string>;

/// After each step: how much there was to see.
struct mark {
  std::size_t calls = 0;
  std::uint64_t bytes_in = 0;        ///< read by the host
  std::vector<std::string> received; ///< by each peer
  friend bool operator==(const mark&, const mark&) = default;
};

/// Peers are numbered in the order of their connecting. Each step ends when the plugin has been called for all of it.
class world {
public:
  world(trace& seen) : seen_(seen) {}
  virtual ~world() = default;

  void connect() {
    away_.push_back(false);
    step([&] { do_connect(); });
  }
  void send(std::size_t peer, std::string_view bytes) {
    step([&] { do_send(peer, bytes); });
  }
  void finish(std::size_t peer) {
    step([&] { do_finish(peer); });
  }
  void close(std::size_t peer) {
    away_[peer] = true;
    step([&] { do_close(peer); });
  }
  void reset(std::size_t peer) {
    away_[peer] = true;
    step([&] { do_reset(peer); });
  }
  /// Whether it takes output.
  void read(std::size_t peer, bool on) {
    step([&] { do_read(peer, on); });
  }
  void drain() {
    step([&] { do_drain(); });
  }
  /// At least so much time.
  void pass(std::chrono::nanoseconds time) {
    timed_ = true;
    step([&] { do_pass(time); });
  }
  void call(const std::function<void()>& f) { step(f); } ///< on the worker's thread, in no hook

  const std::vector<mark>& marks() const { return marks_; }
  bool timed() const { return timed_; } ///< what comes in which step depends on the clock

  /// Of each peer: "open", "ended", "reset", or "away" for one that has gone itself and sees nothing.
  std::vector<std::string> ends() const {
    std::vector<std::string> out = do_ends();
    for (std::size_t i = 0; i < out.size(); ++i)
      if (away_[i]) out[i] = "away";
    return out;
  }

protected:
  virtual void do_connect() = 0;
  virtual void do_send(std::size_t peer, std::string_view bytes) = 0;
  virtual void do_finish(std::size_t peer) = 0;
  virtual void do_close(std::size_t peer) = 0;
  virtual void do_reset(std::size_t peer) = 0;
  virtual void do_read(std::size_t peer, bool on) = 0;
  virtual void do_drain() = 0;
  virtual void do_pass(std::chrono::nanoseconds time) = 0;
  virtual std::vector<std::string> do_ends() const = 0;
  virtual mark rest() = 0; ///< until nothing is left to do

  trace& seen_;
  std::vector<mark> marks_;

private:
  std::vector<bool> away_;
  bool timed_ = false;

  template <class F> void step(F f) {
    f();
    marks_.push_back(rest());
  }
};

/// Bounds for both: small ones, so that scripts reach them.
testing::limits small_limits();

std::unique_ptr<world> make_memory_world(trace& seen, const testing::limits& bounds);

/// `expected` says for each step how much is to be seen before it is over; a turn more then shows what is too much.
std::unique_ptr<world> make_real_world(probe& p, trace& seen, const testing::limits& bounds,
                                       const std::vector<mark>& expected);

} // namespace epollhost::test

#endif
