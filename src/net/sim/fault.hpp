// Distributed under the Boost Software License, Version 1.0.
// What the simulated kernel does to a program, within what a real one may do.
#ifndef EPOLLHOST_NET_SIM_FAULT_HPP
#define EPOLLHOST_NET_SIM_FAULT_HPP

#include "net/sim/random_source.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace epollhost::net::sim {

enum class fault : std::uint8_t {
  // A program that is right shows nothing of these to its peers, but for the time that they take.
  short_read,       ///< recv gives less than there is; the rest arrives, with an edge, just behind it
  late_input,       ///< EAGAIN after an event: as if what it told of arrived just behind the call
  short_write,      ///< send takes less than there is room for, as if the buffer were full; room comes later
  full_buffer,      ///< EAGAIN from send, likewise
  spurious_event,   ///< EPOLLIN though nothing is there
  repeated_edge,    ///< an edge for what an event has told of already
  held_event,       ///< epoll_wait gives less than is ready; the rest comes with the next call
  shuffled_events,  ///< in another order
  interrupted_wait, ///< EINTR
  late_wait,        ///< the time-out is overslept
  error_queue,      ///< EPOLLERR for a message in the error queue
  no_descriptor,    ///< EMFILE from accept
  table_full,       ///< ENFILE
  no_buffers,       ///< ENOBUFS
  no_memory,        ///< ENOMEM
  accept_aborted,   ///< ECONNABORTED or EPROTO with nothing lost: another one waits, or none
  wall_jump,        ///< the wall clock is set, forward or back
  slow_connect,     ///< a connection of the program's takes up to a second to be made
  queue_full,       ///< EAGAIN from connect: the queue of the unix socket is full
  slow_name,        ///< a look-up takes up to half a second
  short_splice,     ///< splice moves less than there is and fits; the rest stays where it was
  no_splice,        ///< EINVAL, or EMFILE for the pipe
  short_file,       ///< sendfile sends less than was asked for
  // After one of these a connection may be lost, or a deadline pass.
  watch_no_memory,       ///< ENOMEM from epoll_ctl
  watch_no_space,        ///< ENOSPC
  send_no_buffers,       ///< ENOBUFS from send
  peer_reset,            ///< the peer's reset arrives just before a call
  clock_jump,            ///< the process stood still for seconds
  connect_refused,       ///< ECONNREFUSED, of TCP after a while
  connect_unreachable,   ///< ENETUNREACH at once, or EHOSTUNREACH after a while
  connect_silent,        ///< no answer: ETIMEDOUT after two minutes
  connect_no_port,       ///< EADDRNOTAVAIL
  connect_no_descriptor, ///< EMFILE, ENFILE, ENOBUFS or ENOMEM for the socket
  connect_reset,         ///< made, and reset at once
  name_fails,            ///< a look-up fails
  file_error,            ///< EIO from sendfile
  file_shrunk,           ///< the file ends where there were bytes
  count                  ///< how many there are
};

inline constexpr std::size_t fault_count = static_cast<std::size_t>(fault::count);
inline constexpr fault first_harmful = fault::watch_no_memory;

/// "short-read" and so on.
const char* to_string(fault f);

using fault_counts = std::array<std::uint64_t, fault_count>;

/// Decides at each call whether it fails, and counts.
class fault_source {
public:
  struct plan {
    std::array<unsigned, fault_count> per_million{}; ///< how often
    std::uint64_t most = ~std::uint64_t(0);          ///< injected in all; later ones are left out
  };

  /// Decided by the choices as long as there are any, then by the seed.
  fault_source(std::uint64_t seed, const plan& p, sim::choices* before = nullptr)
      : plan_(p), random_(seed, 1, before), choices_(seed, 2, before) {}

  /// From now on this one does not strike.
  void stop(fault f) { plan_.per_million[static_cast<std::size_t>(f)] = 0; }

  /// None strikes while they are held back: a program that cannot start may say so and end.
  void hold(bool on) { held_ = on; }

  /// Whether this fault is to happen now.
  bool strikes(fault f) {
    if (held_) return false;
    const unsigned rate = plan_.per_million[static_cast<std::size_t>(f)];
    if (!random_.chance(rate) || injected_ == plan_.most) return false;
    ++injected_;
    ++counts_[static_cast<std::size_t>(f)];
    return true;
  }

  /// For how much and when of a fault that strikes.
  random_source& choices() { return choices_; }

  const fault_counts& counts() const { return counts_; }
  std::uint64_t injected() const { return injected_; }

private:
  plan plan_;
  random_source random_, choices_;
  fault_counts counts_{};
  std::uint64_t injected_ = 0;
  bool held_ = false;
};

} // namespace epollhost::net::sim

#endif
