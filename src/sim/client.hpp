// Distributed under the Boost Software License, Version 1.0.
// One simulated client.
#ifndef EPOLLHOST_SIM_CLIENT_HPP
#define EPOLLHOST_SIM_CLIENT_HPP

#include "sim/referee.hpp"
#include "sim/talk.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace epollhost::sim {

/// How a client behaves.
struct manner {
  std::int64_t start_ns = 0;        ///< when it connects
  std::uint64_t cuts = 0;           ///< its input goes out in one piece more than that
  std::int64_t pause_most_ns = 0;   ///< between two pieces
  std::size_t reads_most = 1 << 20; ///< bytes at once
  std::int64_t rest_ns = 0;         ///< between two reads
  std::int64_t patience_ns = 0;     ///< without a byte or an end while it waits; 0: for ever
  bool may_be_reset = true;         ///< and wait as long as `excused` says so
  net::sim::kernel::link way;

  enum class leaving { never, reset, close, vanish, stop_reading };
  leaving leaves = leaving::never;
  std::uint64_t leaves_after = 0; ///< pieces
};

/// Plays a conversation. It lives as long as the kernel, whose events call it.
class client {
public:
  client(referee& r, unsigned number, const conversation& talk, const manner& how, std::uint64_t seed,
         std::function<void()> when_over);
  client(const client&) = delete;

  void start(const net::endpoint& to);

  /// In place of it: play on a connection that is there.
  void take(net::sim::stream& s) { connected(&s); }

  /// Whether there is a reason to wait that is not the program's fault.
  std::function<bool()> excused;

  /// All that it has sent.
  std::string said() const;

  /// It has seen the end, or has left.
  bool is_over() const { return over_; }

  /// The server cannot know that it has gone.
  bool is_lost() const { return lost_; }

  /// It took no more than a rough run allows: what it received may be compared.
  bool is_complete() const { return saw_end_; }
  bool saw_clean_end() const { return saw_end_ && !socket_->is_unix(); } ///< which a reset of a unix socket looks like
  const std::string& received() const { return received_; }
  unsigned number() const { return number_; }

private:
  void connected(net::sim::stream* s);
  void later(std::int64_t ns, void (client::*f)());
  void act();
  bool play(const step& s);
  bool send(const step& s);
  bool leave_now();
  void came();
  void read();
  void was_reset(std::int64_t error);
  void look_whether_stuck();
  void is_stuck(std::int64_t silent_ns);
  void finish_piece(std::size_t sent);
  void end(const char* how, bool reset);
  void over();

  referee& referee_;
  const unsigned number_;
  const conversation& talk_;
  const manner how_;
  net::sim::random_source random_;
  std::function<void()> when_over_;
  net::sim::stream* socket_ = nullptr;
  std::size_t at_ = 0;    // step
  std::size_t sent_ = 0;  // bytes of it
  std::size_t piece_ = 0; // where the piece in hand ends
  std::uint64_t cuts_left_;
  std::uint64_t pieces_ = 0;
  std::size_t expected_from_ = 0; // where in what was received the next expectation looks
  std::string received_;
  std::int64_t progress_ns_ = 0;
  int looks_ = 0; // that found no progress
  bool acting_ = false, reading_ = false;
  bool saw_end_ = false, over_ = false, lost_ = false, deaf_ = false;
};

} // namespace epollhost::sim

#endif
