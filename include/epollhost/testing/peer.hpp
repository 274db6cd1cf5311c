// Distributed under the Boost Software License, Version 1.0.
// The other side of a connection, in a test's hands. Plugins may include this (their tests, through testing.hpp).
#ifndef EPOLLHOST_TESTING_PEER_HPP
#define EPOLLHOST_TESTING_PEER_HPP

#include <epollhost/testing/detail/running.hpp>

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace epollhost::testing {

/// A connected client. What it does takes effect at once: when a function returns, the plugin has been called until
/// nothing is left to do at this time. Copies mean the same connection. It may outlive its plugin.
/// Each function that acts throws failure when the plugin broke a rule meanwhile, and std::logic_error for what a test
/// cannot do, as to send behind its own end.
class peer {
public:
  // ---- what it does

  /// Send all of `bytes`; it may come to the plugin in pieces, as the host's limits say.
  peer& send(std::string_view bytes) {
    if (wire().peer_finished) throw std::logic_error("a peer sends after its finish(), close() or reset()");
    wire().peer_sends(bytes);
    return act();
  }

  /// Send so many bytes at a time, each as a segment of its own.
  peer& send_by(std::size_t size, std::string_view bytes) {
    for (; !bytes.empty(); bytes.remove_prefix(std::min(size, bytes.size()))) send(bytes.substr(0, size));
    return *this;
  }

  /// Our FIN: no more is sent; what comes is still read.
  peer& finish() {
    wire().peer_finishes();
    return act();
  }

  /// Away with both directions, as close(2) does it: a FIN, and a reset for what comes later. With output that was sent
  /// and not read it is a reset at once.
  peer& close() {
    wire().peer_closes();
    return act();
  }

  peer& reset() {
    wire().peer_resets();
    return act();
  }

  /// Take `bytes` more of what the host sends, and nothing behind them: then its send would block.
  peer& stop_reading(std::size_t bytes = 0) {
    wire().peer_stops(bytes);
    return act();
  }

  /// Take so many bytes more.
  peer& read(std::size_t bytes) {
    wire().peer_takes(bytes);
    return act();
  }

  peer& start_reading() { return read(detail::wire::unlimited); }

  // ---- what it sees

  /// All that has come, from the beginning.
  const std::string& received() const { return wire().received; }

  /// What has come since the last take().
  std::string take() {
    const std::size_t from = std::exchange(link_->peer_has_taken, received().size());
    return received().substr(from);
  }

  bool ended() const { return wire().host_finished; }  ///< the host's FIN has come
  bool was_reset() const { return wire().host_reset; } ///< its reset has come, perhaps behind a FIN

  /// The host is done with the connection: the plugin's `close` has run.
  bool closed() const { return link_->freed; }
  eh_reason reason() const { return link_->reason; } ///< given to `close`, when closed()

  eh_conn_id id() const { return link_->id; }                                      ///< 0: it waits to be accepted
  std::uint64_t queued() const { return link_->host ? link_->host->queued() : 0; } ///< bytes that we do not take
  std::size_t unread() const { return wire().sent.size() - wire().taken; } ///< bytes that the host does not take

  /// Two lines: what was sent and what was received.
  std::string conversation() const { return detail::conversation(wire()); }

private:
  friend class plugin;
  peer(std::shared_ptr<detail::link> l, std::weak_ptr<detail::action> act)
      : link_(std::move(l)), act_(std::move(act)) {}

  detail::wire& wire() const { return link_->bytes; }

  peer& act() {
    if (const auto f = act_.lock()) (*f)(*link_);
    return *this;
  }

  std::shared_ptr<detail::link> link_;
  std::weak_ptr<detail::action> act_; // of the plugin, while it lives
};

} // namespace epollhost::testing

#endif
