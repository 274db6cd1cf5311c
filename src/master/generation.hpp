// Distributed under the Boost Software License, Version 1.0.
// One set of workers: options, plugin bytes and listening sockets that never change while it lives.
#ifndef EPOLLHOST_MASTER_GENERATION_HPP
#define EPOLLHOST_MASTER_GENERATION_HPP

#include "master/channel_pipes.hpp"
#include "master/plan.hpp"
#include "master/plugin_store.hpp"
#include "master/worker_process.hpp"

#include <cstdint>
#include <list>
#include <memory>
#include <vector>

namespace epollhost::master {

/// Owned by the master from the fork of its first worker to the end of its last one.
class generation {
public:
  /// Called when a worker has said something, after the generation has noted it.
  using heard = worker_process::heard;

  /// `listening` has one entry for each instance of the plan.
  generation(std::uint64_t number, plan what, plugin_store plugins, std::vector<worker::addresses> listening,
             const identity& rights);

  std::uint64_t number() const { return number_; }
  const plan& what() const { return plan_; }
  const std::vector<worker::addresses>& listening() const { return listening_; }

  /// Start one worker. Throws system_error.
  worker_process& start(loop::io_context& loop, channel_pipes& channels, std::size_t instance,
                        std::size_t slot, heard on_message);

  /// Take over a worker that an earlier image of this process has started.
  void adopt(loop::io_context& loop, const handover::worker& inherited, heard on_message);

  /// The copy of the plugin that a worker runs; null in one of an earlier image.
  const sealed_file* plugin_of(const worker_process& w) const;

  /// Whether it has the plugins: that of an earlier image has none, and only drains.
  bool can_start() const { return !plugins_.empty(); }

  /// The executable file of workers of an earlier image; -1: they run this program.
  int program() const { return program_.get(); }
  void set_program(net::unique_fd file) { program_ = std::move(file); }

  std::list<std::unique_ptr<worker_process>>& workers() { return workers_; }
  const std::list<std::unique_ptr<worker_process>>& workers() const { return workers_; }

  bool all_ready() const;

  /// Whether another worker of its instance can serve the slots of this one.
  bool has_others(const worker_process& w) const;

  /// Distribute the slots of one instance over its serving workers that turn: each its own, and those of the missing.
  void assign_slots(std::size_t instance);

  /// All workers accept no more and finish; of the addresses that `next` lacks, they take what waits first. One alone:
  /// the others go on.
  void drain(const std::vector<worker::addresses>& next);

  /// The program ends: after --idle-drain, the connections that are idle.
  void drain_idle();
  void drain(worker_process& w, const std::vector<worker::addresses>& next);

  /// Whether all workers have let go of their sockets.
  bool has_released() const;

  /// The sockets are not ours any more: the next generation, or nobody, holds them. Not before has_released(), or an
  /// address that comes back meanwhile is taken for another program's.
  void release_sockets() { listening_.assign(listening_.size(), {}); }

private:
  const std::uint64_t number_;
  const plan plan_;
  const plugin_store plugins_;
  std::vector<worker::addresses> listening_;
  const identity rights_;
  net::unique_fd program_;
  std::list<std::unique_ptr<worker_process>> workers_;
};

} // namespace epollhost::master

#endif
