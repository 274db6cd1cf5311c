// Distributed under the Boost Software License, Version 1.0.
// A TCP connection in memory: what the kernel does between the peer and the host.
#ifndef EPOLLHOST_TESTING_DETAIL_WIRE_HPP
#define EPOLLHOST_TESTING_DETAIL_WIRE_HPP

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace epollhost::testing::detail {

/// Two streams of bytes, their ends, and an error. Shared by the peer, which acts, and the host, which is told by
/// events() and calls the rest as it calls the kernel.
class wire {
public:
  static constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();
  enum event : std::uint32_t { readable = 1, writable = 2, read_hung_up = 4, hung_up = 8, failed = 16 };

  // ---- the peer

  void peer_sends(std::string_view bytes) {
    if (!peer_finished && !host_closed && !dead()) sent += bytes;
  }
  void peer_finishes() { peer_finished = true; }

  /// What the host has sent and nobody read makes the kernel send a reset instead of a FIN.
  void peer_closes() {
    if (room != unlimited && received.size() > read_before) return peer_resets();
    peer_finishes();
    peer_closed = true;
  }
  void peer_resets() {
    if (host_closed || dead() || both_finished()) return;
    error = peer_finished ? EPIPE : ECONNRESET; // tcp_reset(): in CLOSE-WAIT it is a broken pipe
    peer_gone = true;
  }
  void peer_stops(std::size_t after) {
    room = after;
    read_before = received.size();
  }
  void peer_takes(std::size_t bytes) { room = bytes == unlimited ? unlimited : room + bytes; }

  // ---- the host: answers bytes, or minus errno

  std::int64_t receive(char* to, std::size_t len) {
    const std::size_t n = sent.copy(to, len, taken);
    taken += n;
    if (n > 0) return static_cast<std::int64_t>(n);
    if (peer_finished) return 0; // the end was there before an error could be
    if (error) return -take_error();
    return peer_gone ? 0 : -EAGAIN;
  }

  std::int64_t send(std::string_view bytes) {
    if (error) return -take_error();
    if (peer_gone) return -EPIPE;
    if (peer_closed) { // it is taken, and a reset comes back
      error = EPIPE;
      peer_gone = true;
      return static_cast<std::int64_t>(bytes.size());
    }
    const std::size_t n = std::min(bytes.size(), room);
    if (n == 0 && !bytes.empty()) return -EAGAIN;
    received += bytes.substr(0, n);
    if (room != unlimited) room -= n;
    return static_cast<std::int64_t>(n);
  }

  void shutdown_send() { host_finished = true; }

  /// With unread input it is a reset, as the kernel does it.
  void close() {
    if (taken < sent.size() && !dead()) return abort();
    host_closed = host_finished = true;
  }
  void abort() {
    host_closed = true;
    if (!dead() && !both_finished()) host_reset = true;
  }

  int take_error() {
    const int e = error;
    error = 0;
    return e;
  }

  /// What epoll would report now.
  std::uint32_t events() const {
    const bool both_shut = peer_gone || both_finished();
    const bool ended = peer_finished || peer_gone;
    const auto when = [](bool so, event e) { return so ? std::uint32_t(e) : 0; };
    return when(taken < sent.size() || ended, readable) | when(room > 0, writable) | when(ended, read_hung_up) |
           when(both_shut, hung_up) | when(error != 0, failed);
  }

  bool dead() const { return peer_gone || host_reset; }
  bool both_finished() const { return peer_finished && host_finished; } ///< then no reset finds anybody

  std::string sent;             ///< by the peer, all of it
  std::size_t taken = 0;        ///< of that, by the host
  std::string received;         ///< by the peer, all of it
  std::size_t room = unlimited; ///< bytes that the peer's side takes before it is full
  std::size_t read_before = 0;  ///< of `received`, when the peer stopped reading
  int error = 0;                ///< SO_ERROR of the host's socket
  bool peer_finished = false, peer_closed = false, peer_gone = false;
  bool host_finished = false, host_closed = false, host_reset = false;
};

} // namespace epollhost::testing::detail

#endif
