// Distributed under the Boost Software License, Version 1.0.
// One listening socket: Asio's acceptor, for a kind of connection.
#ifndef EPOLLHOST_WORKER_LISTENER_HPP
#define EPOLLHOST_WORKER_LISTENER_HPP

#include "net/listen.hpp"
#include "worker/connection.hpp"

namespace epollhost {

/// Accepts in bounded batches and starts connections. Level-triggered, so that neither a bounded batch nor a rest can
/// lose an edge. It rests where accepting is of no use: at max_connections until one ends, and without descriptors or
/// memory for a while that doubles from 10 to 100 ms. What waits in the listen queue meanwhile is not lost.
class listener final : public loop::io_object {
public:
  /// Takes over a listening socket. Throws system_error.
  listener(connection_kind kind, net::unique_fd fd);
  ~listener();

  net::endpoint local_endpoint() const { return net::local_endpoint(fd_.get()); }

  /// A connection has ended: accept again if it was their number that stopped us.
  void on_room();

  /// Accept no more, and remove a unix socket's file.
  void stop();

private:
  void on_event(std::uint32_t) override;
  void on_timer() override;

  void watch();
  bool accept_one();
  void refused(int error);
  void rest_a_while(int error);

  connection_kind kind_;
  net::unique_fd fd_;
  net::file_id file_;
  std::int64_t rest_ns_ = 0;
  std::int64_t last_said_ns_ = 0;
  bool full_ = false; // resting because of max_connections
};

} // namespace epollhost

#endif
