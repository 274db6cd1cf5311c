// Distributed under the Boost Software License, Version 1.0.
// When workers that died are replaced.
#ifndef EPOLLHOST_MASTER_RESTARTS_HPP
#define EPOLLHOST_MASTER_RESTARTS_HPP

#include "loop/steady_timer.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>

namespace epollhost::master {

/// The first death is answered at once. One that follows its start too soon waits, from 10 ms doubling to 5 s; a worker
/// that lived long enough begins anew.
class restarts {
public:
  static constexpr std::chrono::milliseconds least{10}, most{5000};
  static constexpr std::chrono::seconds long_life{1};

  using place = std::pair<std::size_t, std::size_t>; ///< instance, slot
  using again = std::function<void(place)>;

  restarts(loop::io_context& loop, again f) : loop_(loop), again_(std::move(f)) {}

  /// The worker of this place, started at `started_ns`, has died. Answers after how long the replacement comes.
  std::chrono::milliseconds schedule(place where, std::int64_t started_ns);

  /// Another generation has taken over: nothing is to be replaced.
  void clear() { pending_.clear(); }

private:
  struct entry {
    explicit entry(loop::io_context& loop) : timer(loop) {}
    std::chrono::milliseconds delay{0};
    loop::steady_timer timer;
  };

  loop::io_context& loop_;
  again again_;
  std::map<place, std::unique_ptr<entry>> pending_;
};

} // namespace epollhost::master

#endif
