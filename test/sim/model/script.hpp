// Distributed under the Boost Software License, Version 1.0.
// One random script of calls on sockets and epoll.
#ifndef EPOLLHOST_TEST_SIM_MODEL_SCRIPT_HPP
#define EPOLLHOST_TEST_SIM_MODEL_SCRIPT_HPP

#include "model/peer.hpp"

#include "net/poller.hpp"
#include "net/sim/random_source.hpp"
#include "net/splice.hpp"
#include "net/unique_fd.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>

namespace epollhost::test {

/// The program's listener and one far from it that it connects to; a few connections, a pipe between them, and what is
/// done to them. What is seen is printed.
class script {
public:
  explicit script(std::uint64_t seed);
  ~script();
  void play();

private:
  static constexpr std::size_t connections = 3;

  struct side {
    net::unique_fd ours;
    std::unique_ptr<peer> theirs; ///< null: nobody has accepted it
    bool watched = false;
  };

  // ---- how a connection begins, and ends
  void begin(side& s);
  void accept(side& s);
  void connect(side& s, bool to_nobody);
  void far_accepts();
  void far_starts_again();
  void end(side& s);

  // ---- what is done to it
  void step(side& s);
  void step_of_peer(side& s);
  void step_of_pipe(side& s);
  void receive(side& s);
  long send(side& s, std::size_t bytes);
  void send_file(side& s);
  void finish(side& s);
  void fill(side& s);
  void stuff_pipe(side& s);

  // ---- what is seen of it
  void say(const side& s, const char* what, long answer) const;
  std::size_t number(const side& s) const { return static_cast<std::size_t>(&s - sides_.data()); }
  void watch(side& s);
  void leave(side& s);
  void look();

  net::sim::random_source random_;
  const bool is_unix_;
  net::unique_fd listener_, far_, nobody_, file_;
  net::poller poller_;
  net::splice_pipe pipe_;
  bool piped_ = false; // there is one
  std::array<side, connections> sides_;
  std::deque<std::size_t> waiting_; // in the far listener's queue: a side, or `connections` if that has ended
};

} // namespace epollhost::test

#endif
