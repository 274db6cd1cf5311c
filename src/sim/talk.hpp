// Distributed under the Boost Software License, Version 1.0.
// What a simulated client says.
#ifndef EPOLLHOST_SIM_TALK_HPP
#define EPOLLHOST_SIM_TALK_HPP

#include "net/sim/random_source.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace epollhost::sim {

/// One thing that a client does.
struct step {
  enum class kind {
    send,   ///< these bytes, in one piece or in several
    expect, ///< go on when these bytes have come; others before them are passed over
    pause,  ///< do nothing for so long
    finish, ///< send the FIN and read on
    close,  ///< and read no more
    reset
  };
  kind what = kind::send;
  std::string bytes;
  std::int64_t ns = 0;
};

using conversation = std::vector<step>;

enum class language { http, lines, bytes };

/// A conversation that follows from the numbers. It ends with a FIN.
conversation make_conversation(language l, net::sim::random_source& random);

/// All bytes that it sends.
std::size_t bytes_of(const conversation& c);

} // namespace epollhost::sim

#endif
