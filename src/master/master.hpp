// Distributed under the Boost Software License, Version 1.0.
// The master process: starts, watches, replaces and ends the workers. It runs no plugin code and has no threads.
#ifndef EPOLLHOST_MASTER_MASTER_HPP
#define EPOLLHOST_MASTER_MASTER_HPP

#include "loop/io_context.hpp"
#include "loop/signal_set.hpp"
#include "loop/steady_timer.hpp"
#include "master/attempts.hpp"
#include "master/ended_totals.hpp"
#include "master/generation.hpp"
#include "master/handover.hpp"
#include "master/master_settings.hpp"
#include "master/restarts.hpp"
#include "master/socket_table.hpp"
#include "master/stack_report.hpp"

#include <exception>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace epollhost::master {

/// Reload, crash restart and start are one mechanism: start workers, wait until they are ready, give them the sockets,
/// tell the old ones to drain.
///
///     generations_:  [1 draining] [2 draining] [3 current]          next_: [4 starting]
class master_process {
public:
  /// What others want to hear; each may be empty.
  struct listeners_to {
    std::function<void(const generation& current)> serving; ///< a generation has taken over
    std::function<void()> reloading;
    std::function<void(const generation& current)> unchanged; ///< a reload has failed
    std::function<void()> reload_begins; ///< what is asked for from now on is another reload
    /// It has ended: with an error, or with the generation that serves and is the only one that accepts.
    std::function<void(const std::string& error)> reload_ended;
    std::function<void()> stopping;
    std::function<void()> reopen_logs;
    std::function<void()> upgrade;
    std::function<void(const std::string& why)> start_failed;    ///< the first generation; an earlier image's goes on
    std::function<void(pid_t pid, int wait_status)> other_child; ///< a child that is no worker has ended
  };

  /// `passed`: what the service manager has opened.
  master_process(const master_settings& settings, planner make_plan, listeners_to tell,
                 passed_sockets passed);
  ~master_process();

  /// Take over what an earlier image of this process has left; its workers serve until ours are ready. If it throws,
  /// all of that is still open as long as this object lives.
  void take_over(const handover& inherited);

  /// Start the first generation and serve until a signal ends it. Throws plugin_refused, cannot_listen, and
  /// runtime_error if the workers do not become ready.
  void run(plan first, plugin_store plugins);

  loop::io_context& loop() { return loop_; }
  channel_pipes& channels() { return channels_; }
  const channel_pipes& channels() const { return channels_; }
  const std::list<std::unique_ptr<generation>>& generations() const { return generations_; }
  const generation* current() const { return current_; }

  const ended_totals& ended() const { return ended_; }

  std::uint64_t restart_count() const { return restart_count_; }
  std::uint64_t stall_count() const { return stall_count_; }
  const attempts& reloads() const { return reloads_; }
  const attempts& upgrades() const { return upgrades_; }
  bool is_stopping() const { return stopping_; }

  /// An upgrade has ended: this is the new image, and serves; or it is the old one, and goes on for this reason.
  void upgrade_ended(std::string why_not) { upgrades_.note(std::move(why_not)); }

  void reload();
  void stop();

  /// Whether a reload is under way or waits.
  bool is_reloading() const { return next_ != nullptr || reload_waits_; }

  /// What the next image needs; empty while a generation is starting or all are ending.
  std::optional<handover> to_handover() const;

private:
  // ---- signals
  void wait_for_signal();
  void on_signal(int signal);
  void obey(int signal);
  void stop_again();
  void kill_all();
  bool group_was_asked() const;

  // ---- upgrade (master_handover.cpp)
  void upgrade();
  void upgrade_if_asked();
  void adopt(const handover::generation& g, const std::map<std::string, std::shared_ptr<listening_address>>& sockets);

  // ---- generations
  std::unique_ptr<generation> make_generation(plan what, plugin_store plugins);
  void begin_generation();
  void on_message(worker_process& w, const message& m);
  void hear(worker_process& w, const message& m);
  void on_ready(worker_process& w);
  void on_asked(worker_process& w);
  void replace(worker_process& w);
  bool end_is_pending() const;
  void assign_slots(std::size_t instance);
  void switch_over();
  void tell_workers();
  void tell_workers_again();
  void let_go();
  void hand_over();
  void look_whether_handed_over();
  void end_hand_over();
  void abandon(const std::string& why, std::exception_ptr failure = {});
  void forget_ended_generations();
  bool may_reload() const;
  void begin_reload();
  void reload_if_asked();
  void end_wait_in_time();
  void fail_waiting_reload();
  void tell_reload_begins();
  void end_reload(const std::string& error);

  // ---- the end of workers (master_workers.cpp)
  void reap();
  void look_for_stopped();
  worker_process* find_worker(pid_t pid);
  generation* generation_of(const worker_process& w);
  void on_death(worker_process& w, int wait_status);
  void say_death(worker_process& w, int wait_status, const std::string& what_now);
  void say(const worker_process& w, const std::string& what, const std::string& what_now);
  void say_stack(const worker_process& w, const crash_record& record);
  void restart(std::size_t instance, std::size_t slot);
  void after_death();

  // ---- stalls (master_workers.cpp)
  void watch_stalls();
  void look_at(worker_process& w, std::int64_t now_ns);

  const master_settings settings_;
  const planner make_plan_;
  const listeners_to tell_;
  loop::io_context loop_;
  loop::signal_set signals_;
  loop::steady_timer ready_timer_, hand_over_timer_, stall_timer_, reload_timer_;
  channel_pipes channels_;
  const identity rights_; // before what an earlier image has left: to find it may fail
  socket_table sockets_;
  std::list<std::unique_ptr<generation>> generations_; // oldest first; the current one and those that drain
  generation* current_ = nullptr;
  std::unique_ptr<generation> next_; // its workers are starting
  restarts restarts_;
  stack_reports stacks_;
  ended_totals ended_;
  std::uint64_t generation_count_ = 0, restart_count_ = 0, stall_count_ = 0;
  bool reload_waits_ = false, upgrade_waits_ = false;
  attempts reloads_, upgrades_;
  bool reloading_ = false; // has begun, and its outcome has not been told
  bool handing_over_ = false; // the current generation accepts, and some old worker may do so, too
  bool stopping_ = false;
  bool asked_again_soon_ = false, group_was_asked_ = false; // while it is stopping
  std::int64_t stopping_since_ns_ = 0;
  bool tell_again_ = false;    // so the workers were not all told what they accept
  bool reap_again_ = false;    // for want of memory, what has ended was not seen to
  std::exception_ptr failure_; // what run() is to throw
};

} // namespace epollhost::master

#endif
