// Distributed under the Boost Software License, Version 1.0.
// Timers that a plugin has started.
#ifndef EPOLLHOST_WORKER_PLUGIN_TIMER_HPP
#define EPOLLHOST_WORKER_PLUGIN_TIMER_HPP

#include "loop/io_context.hpp"
#include "worker/slab.hpp"

#include <cstdint>
#include <functional>
#include <unordered_map>
#include <vector>

namespace epollhost {

/// The timers of one worker's plugin, of its connections and of its instance (connection id 0). A connection without
/// one pays nothing for it.
class plugin_timers {
public:
  static constexpr std::size_t timers_max = 1 << 20;

  using fired = std::function<void(loop::object_id conn, std::uint64_t arg)>;
  plugin_timers(loop::io_context& loop, fired f);
  ~plugin_timers();

  /// Answers an id, or 0 if there are too many. Throws bad_alloc.
  std::int64_t start(loop::object_id conn, std::int64_t at_ns, std::uint64_t arg);

  /// False if it has fired or was stopped.
  bool stop(std::int64_t id);

  /// The connection has gone: its timers go too.
  void forget(loop::object_id conn);

private:
  struct timer;
  void release(timer& t);
  timer*& list_of(loop::object_id conn);

  loop::io_context& loop_;
  fired fired_;
  slab records_;
  std::size_t count_ = 0;
  std::unordered_map<loop::object_id, timer*> first_; // of each connection that had any, a doubly linked list
  std::vector<decltype(first_)::node_type> spare_;
};

} // namespace epollhost

#endif
