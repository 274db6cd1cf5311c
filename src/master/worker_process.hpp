// Distributed under the Boost Software License, Version 1.0.
// A worker as its master sees it.
#ifndef EPOLLHOST_MASTER_WORKER_PROCESS_HPP
#define EPOLLHOST_MASTER_WORKER_PROCESS_HPP

#include "loop/io_context.hpp"
#include "master/channel.hpp"
#include "master/crash_report.hpp"
#include "master/handover.hpp"
#include "master/plan.hpp"
#include "master/privileges.hpp"
#include "master/sealed_file.hpp"
#include "master/shared_page.hpp"
#include "worker/worker.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace epollhost::master {

class generation;

/// One process, from fork to waitpid.
///
///     starting --ready--> serving --drain()--> draining --> gone
///         \------------------- died --------------------------^
class worker_process final : loop::io_object {
public:
  enum class phase { starting, serving, draining };

  struct place {
    std::uint64_t generation;
    std::size_t instance; ///< in its generation's plan
    std::size_t slot;     ///< its number among the instance's workers
  };

  /// What a new process needs of its generation.
  struct start_point {
    const planned_instance& plan;
    const sealed_file& plugin;
    const worker::addresses& listening;
    const std::vector<net::unique_fd>& channels; ///< one for each of the plan's
    const identity& rights;
    const record_file& record; ///< its descriptor is a pipe; or none
  };

  using heard = std::function<void(worker_process&, const message&)>;

  /// Fork. `on_message` is called by the loop. Throws system_error.
  worker_process(loop::io_context& loop, place who, const start_point& from, heard on_message);

  /// A worker that an earlier image of this process has started.
  worker_process(loop::io_context& loop, place who, const handover::worker& inherited,
                 std::chrono::nanoseconds drain_timeout, heard on_message);
  ~worker_process();

  /// Since when its loop has not turned; 0 if it waits. What the page says is believed only as far as it can be true:
  /// a stamp from before the worker's start, or from the future, counts from the moment when it was first seen.
  std::int64_t busy_since(std::int64_t now_ns);

  /// Take in what it has said of where it is, or was: its pipe must never be full when it crashes.
  void read_reports();

  /// Where it crashed; empty if it has not said so.
  const crash_record* crash() const { return crash_.get(); }

  /// Ask where it is, and once the answer to the last question; empty if none has come.
  void ask_where();
  std::unique_ptr<crash_record> take_answer();
  int report_fd() const { return report_.get(); }

  int channel_fd() const { return channel_.fd(); }
  pid_t pid() const { return pid_; }
  const place& who() const { return who_; }
  int page_fd() const { return page_.fd(); }

  /// What the worker shows of itself, which its plugin may have overwritten.
  const worker_page& page() const { return *page_; }
  enum phase phase() const { return phase_; }
  std::int64_t started_ns() const { return started_ns_; }

  /// It has said that it is ready. One that was told to drain meanwhile goes on draining.
  void serving() {
    if (phase_ == phase::starting) phase_ = phase::serving;
  }

  /// Whether it takes connections now.
  bool serves() const { return phase_ == phase::serving && !stalled && !stopped; }
  void accept_from(const std::bitset<slots_max>& slots);
  void drain(const std::bitset<slots_max>& leaving);
  void drain_idle();
  void kill(int signal) const;

  /// Try again to tell it what it could not be told. To one that has died, nothing: waitpid says so.
  void say_rest();
  bool has_more_to_say() const { return !unsaid_.empty(); }

  /// When it is killed; 0: it was not asked to end, or may drain for ever.
  std::int64_t ends_by_ns() const { return ends_by_ns_ == loop::timer_queue::never ? 0 : ends_by_ns_; }

  /// Whether it should long have drained: its own deadline and some more has passed.
  bool overdue(std::int64_t now_ns) const { return now_ns >= ends_by_ns_; }

  /// It has ended, perhaps before its last message was read: why it refused to serve is heard first.
  void hear_refusal();

  bool released = false;              ///< it has let go of its listening sockets
  bool replaced = false;              ///< another one was started in its place when it was asked to end
  bool stopped = false;               ///< by SIGSTOP or a debugger: it may sleep, so that no stall is seen
  bool stalled = false;               ///< its loop does not turn: its slots are served by others
  bool killed = false;                ///< by its master, for a stall
  std::int64_t stall_said_for_ns = 0; ///< the busy_since_ns that was last reported

private:
  void say(const message& m);
  void watch();
  void on_event(std::uint32_t) override;

  loop::io_context& loop_;
  const place who_;
  const shared_page page_;
  heard on_message_;
  channel channel_;
  net::unique_fd report_;
  std::unique_ptr<crash_record> crash_, answer_;
  bool asked_ = false; // where it is
  std::int64_t strange_stamp_ = 0, strange_since_ns_ = 0;
  pid_t pid_ = -1;
  enum phase phase_ = phase::starting;
  const std::int64_t drain_timeout_ns_;
  std::int64_t started_ns_;
  std::int64_t ends_by_ns_ = loop::timer_queue::never;
  std::bitset<slots_max> accepting_;
  std::deque<message> unsaid_;
};

} // namespace epollhost::master

#endif
