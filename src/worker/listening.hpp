// Distributed under the Boost Software License, Version 1.0.
// The listening sockets of a plugin, which outlive its workers.
#ifndef EPOLLHOST_WORKER_LISTENING_HPP
#define EPOLLHOST_WORKER_LISTENING_HPP

#include "net/listen.hpp"
#include "net/socket.hpp"
#include "worker/settings.hpp"

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace epollhost {

/// An address that cannot be listened on. what() is one line for the user.
struct cannot_listen : std::runtime_error {
  using runtime_error::runtime_error;
};

/// One address: a socket for each slot, all in one SO_REUSEPORT group, or a single one that the workers share (unix).
/// It owns the sockets; when it dies in the process that made it, a unix socket's file goes too.
class listening_address {
public:
  /// Bind one slot; nothing is refused or taken yet. `beside_ours`: this program listens on another address of the same
  /// port, which contains this one or is contained in it. Throws cannot_listen.
  listening_address(const listen_address& address, const worker_settings& settings, bool beside_ours = false);

  /// Sockets of an earlier image of this process, or of the service manager (`passed`); the first `listening` of them
  /// listen. Those of the service manager may have several addresses: every worker accepts from all of them. `leaving`:
  /// they take no more.
  listening_address(bool wildcard, bool passed, std::vector<net::unique_fd> slots, std::size_t listening,
                    bool leaving = false);
  ~listening_address() { close(); }
  listening_address(const listening_address&) = delete;
  listening_address& operator=(const listening_address&) = delete;

  /// Have at least that many slots, the new ones bound alone. They are never fewer again: closing one would reset what
  /// waits in its queue. Throws cannot_listen.
  void grow(std::size_t slots, const worker_settings& settings);

  /// All slots listen, with the options of these settings. Somebody must accept from each of them now. Throws
  /// cannot_listen, also if another program began to listen there since the slots were bound.
  void listen(const worker_settings& settings);

  /// The address goes away: a unix socket's file first, then no slot takes further connections. What is in the queues can
  /// be accepted, and has_handshakes() says whether more comes. listen() undoes it. Sockets of the service manager are
  /// left as they are: it keeps their queues for the next start.
  void take_no_more();
  bool leaving() const { return leaving_; }

  /// Whether a connection may still come into a queue. Empty: not known.
  std::optional<bool> has_handshakes() const;

  /// Whether listen() would bring this address back, or make it be what it was: not so a unix socket that leaves, or one
  /// whose file is not there any more.
  bool can_listen_again() const;

  /// Close the slots in this process; the last process to do so ends them.
  void close();

  const std::vector<net::unique_fd>& slots() const { return slots_; }

  /// How many of the slots, from the first, listen.
  std::size_t listening() const { return listening_; }

  /// The address it is bound to; a port 0 has become the real one.
  net::endpoint bound() const { return net::local_endpoint(slots_.front().get()); }
  bool wildcard() const { return wildcard_; }
  bool is_passed() const { return passed_; }
  bool is_shared() const { return passed_ || bound_.is_unix(); } ///< a slot is not one worker's

private:
  bool wildcard_;
  bool passed_ = false;
  bool leaving_ = false;
  net::endpoint bound_;
  net::file_id file_;
  int owner_ = 0; // the process that made it
  std::vector<net::unique_fd> slots_;
  std::size_t listening_ = 0;
};

} // namespace epollhost

#endif
