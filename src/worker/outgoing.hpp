// Distributed under the Boost Software License, Version 1.0.
// The connections that a plugin makes by itself, until they are connected.
#ifndef EPOLLHOST_WORKER_OUTGOING_HPP
#define EPOLLHOST_WORKER_OUTGOING_HPP

#include "worker/connection.hpp"
#include "worker/connector.hpp"

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace epollhost {

/// Owned by the worker. A connection that is being made has its record, its id and its state from the first moment, so
/// that one can write to it and close it; its socket comes from a connector.
class outgoing {
public:
  static constexpr std::size_t kinds_max = 64;                       ///< tables of hooks that a plugin connects with
  static constexpr std::int64_t default_timeout_ns = 10'000'000'000; ///< where the plugin names none

  explicit outgoing(connection_context& shared);

  /// eh_host::connect, but for what the worker's state forbids. Throws bad_alloc or length_error, with nothing done.
  eh_status connect(const eh_connect& how, eh_conn_id* conn, void** state);

  /// Post `f` when it is decided whether the connection is made; at once, if it is not among those being made.
  void when_decided(loop::object_id conn, loop::task f);

  /// The connection ends before it was made.
  void forget(loop::object_id conn);

  /// In the hook `close` of a connection: why it could not be made. Empty if it was.
  std::string_view error_of(loop::object_id conn) const;

  /// Its `close` has been called.
  void closed(loop::object_id conn) {
    if (!errors_.empty()) errors_.erase(conn);
  }

private:
  struct kind {
    explicit kind(connection_context& shared, const eh_hooks& given);
    const eh_hooks* given;
    slab records;
    connection_kind connections;
  };
  struct pending {
    std::unique_ptr<connector> maker;
    std::uint64_t arg; // of `open`
    std::vector<loop::task> waiting;
  };

  bool check(const eh_connect& how, net::target& to) const;
  const connection_kind* kind_of(const eh_hooks* given);
  void look_up(loop::object_id conn, const net::target& to, std::int64_t until_ns, recorder* recorder);
  void decided(loop::object_id conn, connector::outcome outcome);
  void let_go(pending& p);

  connection_context& shared_;
  std::deque<kind> kinds_; // connections refer to theirs
  std::unordered_map<loop::object_id, pending> pending_;
  std::unordered_map<loop::object_id, std::string> errors_; // of those whose `close` is due
  net::resolver resolver_;
};

} // namespace epollhost

#endif
