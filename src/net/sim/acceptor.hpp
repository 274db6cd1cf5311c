// Distributed under the Boost Software License, Version 1.0.
// A simulated listening socket.
#ifndef EPOLLHOST_NET_SIM_ACCEPTOR_HPP
#define EPOLLHOST_NET_SIM_ACCEPTOR_HPP

#include "net/endpoint.hpp"
#include "net/sim/file.hpp"

#include <cstddef>
#include <deque>

namespace epollhost::net::sim {

class kernel;
class stream;

/// A bound socket; it takes connections into its queue once it listens.
class acceptor final : public file {
public:
  acceptor(kernel& k, const endpoint& at, bool shared) : bound(at), may_share(shared), kernel_(k) {}

  const endpoint bound;
  bool may_share; ///< SO_REUSEPORT

  void listen(int backlog);
  bool listens() const { return listens_ && !(deaf_ && bound.is_unix()); } ///< or refuses
  bool takes() const { return listens_ && !deaf_ && waiting_.size() <= backlog_; } ///< as in Linux, one more than asked
  void take_no_more() { deaf_ = true; }
  void take_again() { deaf_ = false; }

  /// A connection has been made: its end on this side.
  void push(stream& s);

  /// The first that waits; null if none does.
  stream* pop();
  bool empty() const { return waiting_.empty(); }

  std::uint32_t poll() override;
  void released(bool) override;

private:
  kernel& kernel_;
  std::deque<stream*> waiting_;
  std::size_t backlog_ = 0;
  bool listens_ = false, deaf_ = false;
};

} // namespace epollhost::net::sim

#endif
