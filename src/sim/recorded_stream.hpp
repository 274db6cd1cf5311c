// Distributed under the Boost Software License, Version 1.0.
// One recorded connection, on the side of the server.
#ifndef EPOLLHOST_SIM_RECORDED_STREAM_HPP
#define EPOLLHOST_SIM_RECORDED_STREAM_HPP

#include "net/sim/stream.hpp"
#include "sim/recording.hpp"

#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace epollhost::sim {

/// Hears what happens on recorded connections.
class replay_listener {
public:
  virtual ~replay_listener() = default;

  /// One line for the user: what the connection has done.
  virtual void tell(std::uint64_t conn, const std::string& what) = 0;

  /// It has not done what was recorded.
  virtual void differs(std::uint64_t conn, std::size_t at, const std::string& what) = 0;
};

/// Answers each call with what the kernel answered then. Once the calls are others than the recorded ones, or none is
/// left, nothing more comes from the peer, and what is sent is taken.
class recorded_stream final : public net::sim::stream {
public:
  /// `masked_lines`: what lines of output begin with that may differ.
  recorded_stream(net::sim::kernel& k, replay_listener& l, std::uint64_t number, const recording::peer& p,
                  const std::vector<std::string>& masked_lines);

  void add(const recording::frame& f) { left_.push_back(&f); }

  /// From here on it was relayed: of what came then, only the end is known.
  void set_relayed() { relayed_ = true; }

  /// It has ended for this reason (eh_reason). Answers what epoll says of it now, if it is its peer that ends it.
  std::uint32_t end_relayed(std::uint64_t reason);

  /// The next call that was recorded and not made; null if all were.
  const recording::frame* next() const { return left_.empty() ? nullptr : left_.front(); }

  std::int64_t receive(void* bytes, std::size_t len) override;
  std::int64_t send(std::span<const iovec> parts) override;
  std::int64_t send_file(int file, std::uint64_t offset, std::size_t len) override;
  void shutdown_send() override;
  int take_error() override;
  bool drain_error_queue() override;
  std::uint32_t poll() override { return 0; } // its events are those of the turns
  void released(bool reset) override;

private:
  const recording::frame* take(record::kind expected, const std::string& does);
  void compare(const recording::frame& f, const std::string& now);
  void lose(std::size_t at, const std::string& what);

  replay_listener& listener_;
  const std::uint64_t number_;
  const std::vector<std::string>& masked_lines_;
  std::deque<const recording::frame*> left_;
  std::uint64_t sent_ = 0; // bytes
  bool relayed_ = false;
  std::optional<std::int64_t> end_; // what it receives then
};

} // namespace epollhost::sim

#endif
