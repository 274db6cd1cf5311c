// Distributed under the Boost Software License, Version 1.0.
// What can be wrong with a loop.
#ifndef EPOLLHOST_TEST_SIM_PLANTED_BUG_HPP
#define EPOLLHOST_TEST_SIM_PLANTED_BUG_HPP

namespace epollhost::test {

/// What is wrong with the loop.
enum class bug {
  none,
  accept_once,     ///< an edge-triggered listener accepts one connection an event
  accept_gives_up, ///< after EMFILE nobody is accepted any more
  accept_spins,    ///< after EMFILE it is tried again at once
  // ---- of a server
  lost_edge,         ///< one read an event, though edges come once
  forgotten_rdhup,   ///< a short read ends the turn without RDHUP in the mask
  lost_rest,         ///< what a short write has left is forgotten
  forgotten_out,     ///< it is kept, and nobody waits for room
  double_close,      ///< the descriptor is closed twice
  close_in_set,      ///< it is closed while it is in the epoll set
  use_after_close,   ///< it is read once more
  error_is_fatal,    ///< EPOLLERR for the error queue ends the connection
  hang_up_spins,     ///< level-triggered, and a hang-up is not acted on
  close_with_unread, ///< it does not linger: a reset destroys the answer
  // ---- of a relay
  relay_none,
  relay_unwatched,    ///< nobody waits for the connection to be made
  relay_failed_twice, ///< one that failed is closed, and again with its client
  relay_closed_twice, ///< each side closes both
  relay_lost_end,     ///< the end of input is not passed on
  relay_short_splice, ///< a short one is taken for an empty socket
  relay_lost_pipe,    ///< what the other side had no room for is lost with its pipe
  relay_no_splice,    ///< EINVAL and EMFILE for the pipe end the connection
  count
};

/// "lost-edge" and so on.
const char* to_string(bug b);

} // namespace epollhost::test

#endif
