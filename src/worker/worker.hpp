// Distributed under the Boost Software License, Version 1.0.
// One plugin on one loop in one thread.
#ifndef EPOLLHOST_WORKER_WORKER_HPP
#define EPOLLHOST_WORKER_WORKER_HPP

#include "base/log.hpp"
#include "loop/signal_set.hpp"
#include "loop/steady_timer.hpp"
#include "worker/connection.hpp"
#include "worker/host_table.hpp"
#include "worker/listener.hpp"
#include "worker/listening.hpp"
#include "worker/log_channels.hpp"
#include "worker/metrics.hpp"
#include "worker/outgoing.hpp"
#include "worker/plugin_library.hpp"
#include "worker/plugin_timer.hpp"
#include "worker/recorder.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

namespace epollhost {

/// Owns the loop, the plugin's instance, the listeners and the connections. All members are for the thread that made
/// it, but for post() and plugin_says().
class worker {
public:
  using addresses = std::vector<std::shared_ptr<listening_address>>;

  /// Makes the plugin's instance and listens by itself. Throws plugin_refused if `start` refuses, and cannot_listen.
  worker(const worker_settings& settings, const plugin_library& library);

  /// The same with sockets that its master holds; it accepts when accept_from() says so. `page` outlives it.
  /// `open_channel` opens its log channels, `record` takes its recording.
  worker(const worker_settings& settings, const plugin_library& library, addresses listening, worker_page& page,
         channel_opener open_channel = {}, record_file record = {});
  ~worker();
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;

  /// Calls the plugin's `run`, then serves until a signal or drain() has ended it. Throws plugin_refused if `run` fails. A second signal ends it at once. The signals are TERM, INT and QUIT;
  /// under a master TERM alone, since the terminal speaks to the master.
  void run();

  /// Accept from the slots for which `mine` is true, and no others. `shared`: the address has one slot for all workers.
  void accept_from(const std::function<bool(bool shared, std::size_t slot)>& mine);

  /// What its master hears. Without `asked_to_end` a signal drains it at once; otherwise the master is to call drain(),
  /// which knows whether others serve on.
  struct reports {
    std::function<void()> asked_to_end; ///< by SIGTERM
    std::function<void()> released;     ///< it drains, and its listening sockets are closed
  };
  void report_to(reports master) { master_ = std::move(master); }

  /// Accept no more, let the plugin finish, end by force after the drain timeout. Of the addresses whose `leaving` is
  /// set it first accepts all that waits, and what is on the way into their queues.
  void drain(const std::function<bool(std::size_t address)>& leaving = {});

  /// The same where nobody takes over: of all addresses it accepts what waits.
  void drain_all();

  /// The program ends: after the idle drain, close the connections of which the plugin says that they are idle. After
  /// drain(). close_idle() does so at once.
  void drain_idle();
  void close_idle();

  /// Where it listens, in the order of the settings; a port 0 has become the real one.
  std::vector<net::endpoint> listening() const;

  const worker_counters& counters() const { return page_.counters; }
  const loop::loop_counters& loop_counters() const { return loop_.counters(); }
  std::size_t open_connections() const { return shared_.open; }
  loop::io_context& loop() { return loop_; }
  const worker_settings& settings() const { return settings_; }

  // ---- for host_table

  bool on_this_thread() const { return thread_ == std::this_thread::get_id(); }

  /// The plugin says in `run` that it has failed; false if that is not running.
  bool fail_run(std::string_view why);

  /// Between `start` and the end.
  bool is_started() const { return started_; }

  /// The connection with this id that is open or being made, or null.
  connection* find(eh_conn_id id);
  plugin_timers& timers() { return timers_; }
  log_channels& channels() { return channels_; }
  epollhost::metrics& metrics() { return metrics_; }
  epollhost::outgoing& outgoing() { return outgoing_; }

  /// What the plugin was given of chance.
  void note_random(std::string_view bytes);

  /// The connection whose `close` runs; 0 if none does.
  eh_conn_id closing() const;

  struct message {
    eh_conn_id conn; ///< 0: the instance
    std::uint64_t arg;
    eh_release release; ///< called if it cannot be delivered; or null
    void* context;
  };
  void post(message m);                                  ///< [any thread]
  void plugin_says(log::level l, std::string_view text); ///< [any thread]

private:
  worker(const worker_settings& settings, const plugin_library& library, std::unique_ptr<worker_page> own,
         worker_page* page, addresses listening, channel_opener open_channel, record_file record);
  void start_instance();
  void make_listeners();
  void run_instance_hook(hook which, void (*f)(void*));
  void run_instance();
  void tick(std::uint64_t arg);
  void wait_for_signal();
  void on_signal(int signal);
  void on_freed(loop::object_id gone);
  void start_recording(record_file to);
  void stop_listening();
  void leave_addresses();
  void end_if_done();
  void deliver(const message& m);
  void cut_off_all();
  void cut_off_after(std::chrono::nanoseconds time);
  void end();

  template <class F> void for_each_connection(F f);

  const worker_settings settings_;
  const plugin_library library_;
  const std::thread::id thread_ = std::this_thread::get_id();
  const std::unique_ptr<worker_page> own_page_; // without a master
  worker_page& page_;
  addresses addresses_;
  loop::io_context loop_;
  loop::signal_set signals_;
  loop::steady_timer drain_timer_, leave_timer_, idle_timer_;
  bool idle_asked_ = false;
  connection_context shared_;
  host_table host_;
  bool starting_ = false;
  std::string said_in_start_; // the last error, for the refusal
  slab records_;
  plugin_timers timers_;
  log_channels channels_;
  epollhost::metrics metrics_;
  epollhost::outgoing outgoing_;
  std::vector<eh_value> values_;
  std::optional<recorder> recorder_;
  std::deque<connection_kind> kinds_; // one for each address; connections refer to theirs after its listeners are gone
  std::vector<std::unique_ptr<listener>> listeners_;
  reports master_;
  std::int64_t leave_from_ns_ = 0;
  bool asked_to_end_ = false; // by a signal
  bool started_ = false;
  std::string* run_failure_ = nullptr; ///< where it goes, while `run` runs
};

} // namespace epollhost

#endif
