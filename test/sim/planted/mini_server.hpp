// Distributed under the Boost Software License, Version 1.0.
// A small echo server over src/net with a loop of its own, which can be wrong in one point.
#ifndef EPOLLHOST_TEST_SIM_PLANTED_MINI_SERVER_HPP
#define EPOLLHOST_TEST_SIM_PLANTED_MINI_SERVER_HPP

#include "net/listen.hpp"
#include "net/poller.hpp"
#include "net/signal_fd.hpp"
#include "net/socket.hpp"
#include "sim/subject.hpp"

#include <map>
#include <memory>
#include <string>

namespace epollhost::test {

/// What is wrong with the loop.
enum class bug {
  none,
  lost_edge,         ///< one read an event, though edges come once
  forgotten_rdhup,   ///< a short read ends the turn without RDHUP in the mask
  lost_rest,         ///< what a short write has left is forgotten
  forgotten_out,     ///< it is kept, and nobody waits for room
  double_close,      ///< the descriptor is closed twice
  close_in_set,      ///< it is closed while it is in the epoll set
  use_after_close,   ///< it is read once more
  accept_once,       ///< an edge-triggered listener accepts one connection an event
  accept_gives_up,   ///< after EMFILE nobody is accepted any more
  accept_spins,      ///< after EMFILE it is tried again at once
  error_is_fatal,    ///< EPOLLERR for the error queue ends the connection
  hang_up_spins,     ///< level-triggered, and a hang-up is not acted on
  close_with_unread, ///< it does not linger: a reset destroys the answer
  count
};

const char* to_string(bug b);

class mini_server final : public sim::subject {
public:
  mini_server(bug planted, bool is_unix);
  ~mini_server() override;

  net::endpoint at() const override { return net::local_endpoint(listener_.get()); }
  void run() override;
  std::size_t open_connections() const override { return connections_.size(); }
  std::int64_t ends_within_ns() const override { return 0; }
  std::size_t memory_a_connection() const override { return 8 * 1024 * 1024; }

private:
  struct connection {
    net::unique_fd fd;
    std::string out;
    bool at_end = false, waits_for_room = false;
  };
  using number = std::uint64_t; // never used again: an old event finds nobody

  bool is(bug b) const { return bug_ == b; }
  std::uint32_t mask(bool out) const;
  void watch_listener();
  void accept();
  void cannot_accept();
  void start(int fd);
  void event(number n, std::uint32_t bits);
  bool read(connection& c);
  bool flush(number n, connection& c);
  void end(number n, bool reset);
  void end_all();

  const bug bug_;
  net::poller poller_;
  net::signal_fd signals_;
  net::unique_fd listener_;
  bool listening_ = false, given_up_ = false, ending_ = false;
  number next_ = 2;
  std::map<number, connection> connections_;
};

} // namespace epollhost::test

#endif
