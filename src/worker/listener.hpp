// Distributed under the Boost Software License, Version 1.0.
// One listening socket: Asio's acceptor, for a kind of connection.
#ifndef EPOLLHOST_WORKER_LISTENER_HPP
#define EPOLLHOST_WORKER_LISTENER_HPP

#include "worker/accept_quota.hpp"
#include "worker/connection.hpp"

namespace epollhost {

/// Accepts in bounded batches and starts connections. Level-triggered, so that neither a bounded batch nor a rest can
/// lose an edge. It rests where accepting is of no use: at max_connections until one ends, and without descriptors or
/// memory for a while that doubles from 10 to 100 ms. What waits in the listen queue meanwhile is not lost.
class listener final : public loop::io_object {
public:
  /// For a listening socket that outlives it, of slot number `slot`. `kind` outlives every connection. `was_leaving`: it
  /// took no more once (net::take_no_more).
  listener(const connection_kind& kind, int fd, std::size_t slot, bool was_leaving);
  ~listener();

  std::size_t slot() const { return slot_; }
  std::uint64_t arg() const { return kind_.arg; } ///< which address

  /// Accept from now on.
  void start();

  /// A connection has ended: accept again if it was their number that stopped us.
  void on_room();

  /// Accept no more. Others may hold the socket too, so closing alone would not end the events.
  void stop();

  /// Accept, without waiting, all that is in the queue of an address that goes away. False if some may be left: there
  /// were no descriptors for them, or very many come.
  bool empty_queue();

private:
  void on_event(std::uint32_t) override;
  void on_timer() override;

  void watch();
  bool accept_one();
  void refused(int error);
  void rest_a_while(int error);
  void say_why_it_rests(int error, std::int64_t now);

  const connection_kind& kind_;
  const int fd_;
  const std::size_t slot_;
  bool was_leaving_;
  bool found_empty_ = false; // by the last accept(2) that failed
  accept_quota quota_;
  bool accepting_ = false;
  std::int64_t rest_ns_ = 0;
  std::int64_t last_said_ns_ = 0;
  bool full_ = false; // resting because of max_connections
};

} // namespace epollhost

#endif
