// Distributed under the Boost Software License, Version 1.0.
// What a run tests.
#ifndef EPOLLHOST_SIM_SUBJECT_HPP
#define EPOLLHOST_SIM_SUBJECT_HPP

#include "loop/trigger.hpp"
#include "net/endpoint.hpp"
#include "sim/referee.hpp"

#include <cstddef>
#include <functional>
#include <memory>

namespace epollhost::sim {

/// A server over src/net. It ends when SIGTERM is read from its signal_fd and its connections have gone, or at latest
/// after ends_within_ns().
class subject {
public:
  virtual ~subject() = default;
  virtual net::endpoint at() const = 0;
  virtual void run() = 0;
  virtual std::size_t open_connections() const = 0;
  virtual std::int64_t ends_within_ns() const = 0;
  virtual std::size_t memory_a_connection() const = 0; ///< the most that one may cost
};

struct last_words;

/// How it is to be set up.
struct surroundings {
  loop::trigger trigger;
  bool is_unix;
  bool calm; ///< defaults for everything; else what follows from the seed
  std::uint64_t seed;
};

using subject_maker = std::function<std::unique_ptr<subject>(const surroundings&, referee&, last_words&)>;

} // namespace epollhost::sim

#endif
