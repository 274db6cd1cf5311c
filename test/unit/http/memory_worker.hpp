// Distributed under the Boost Software License, Version 1.0.
// A worker in memory: runs a plugin's hooks as the contract says, with time and output under the test's hand.

#ifndef EPOLLHOST_TEST_HTTP_MEMORY_WORKER_HPP
#define EPOLLHOST_TEST_HTTP_MEMORY_WORKER_HPP

#include <epollhost/plugin.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace http_test {

/// One instance of a plugin and its single connection.
/// Start it, open the connection, feed it, look at `output` and `ended`. Owns both; stops them when it dies.
class memory_worker : private eh_host {
public:
  /// Throws std::runtime_error with the log if the plugin refuses its values. `options` are "name=value", integers and
  /// texts as eh_value takes them.
  explicit memory_worker(const eh_plugin& plugin, const std::vector<std::string>& options = {},
                         std::uint64_t output_max = 4 * 1024 * 1024);
  ~memory_worker();
  memory_worker(const memory_worker&) = delete;
  memory_worker& operator=(const memory_worker&) = delete;

  void open();
  void feed(std::string_view bytes);
  void end_input();
  void drain();

  /// Call `wake`, or `timer` for a timer of the plugin's own.
  void wake(std::uint64_t arg) { turn(plugin_.hooks->wake, arg); }
  void fire(std::uint64_t arg) { turn(plugin_.hooks->timer, arg); }

  /// As if somebody called the host's `resume`.
  void unpause() { paused_ = false; }

  /// Let time pass, and the deadline with it.
  void advance_ns(std::int64_t by);

  /// From now on the peer reads nothing: output stays queued.
  void stop_reading() { reading_ = false; }

  /// The peer reads all that is queued, and goes on.
  void start_reading();

  /// Drop the connection as a reset does.
  void reset();

  /// End it for a reason.
  void close(eh_reason why);

  std::string output;    ///< what the peer has read
  std::string log_lines; ///< what the plugin logged
  std::string channel;   ///< what it wrote to its log channel
  std::string peer = "192.0.2.1:4711";
  bool ended = false;    ///< the plugin or the end of input has closed the connection
  bool lingered = false; ///< and asked to read on
  bool failed = false;   ///< with EH_FAIL
  bool aborted = false;  ///< with EH_ABORT
  std::uint64_t data_calls = 0;
  std::uint64_t files_sent = 0; ///< by the host's send_file
  std::uint64_t window_bytes = EH_OUT_MIN;
  const std::uint64_t output_max;
  std::int64_t wall_now_ns = 784111777LL * 1'000'000'000; ///< Sun, 06 Nov 1994 08:49:37 GMT

  std::uint64_t queued_bytes() const { return queue_.size() + io_.out_used; }
  std::int64_t deadline_ns() const { return deadline_ns_; }
  std::size_t state_bytes() const { return state_.size(); }
  const std::string& unconsumed() const { return tail_; }

private:
  static memory_worker& self(const eh_host* host) { return *static_cast<memory_worker*>(const_cast<eh_host*>(host)); }
  void fill_table();
  std::vector<eh_value> values_of(const std::vector<std::string>& options);
  void turn(eh_hook hook, std::uint64_t arg);
  void deliver();
  std::size_t call(eh_hook hook, std::uint64_t arg, std::string_view in);
  void commit();
  std::uint64_t window_room() const;
  bool may_call() const { return !ended && !above_high_ && !paused_; }
  void flush();
  void settle();

  static constexpr std::uint64_t high = 256 * 1024;

  const eh_plugin& plugin_;
  std::vector<std::string> texts_; // of option values
  void* instance_ = nullptr;
  std::vector<std::uint64_t> state_;
  bool opened_ = false;
  std::string tail_;
  std::string queue_;
  std::string window_;
  bool at_end_ = false, end_told_ = false, half_open_ = false, draining_ = false;
  bool reading_ = true, above_high_ = false, paused_ = false;
  std::uint64_t want_ = 0;
  std::int64_t deadline_ns_ = 0, now_ns_ = 1'000'000'000;
  eh_io io_{};
  eh_limits limits_{};
};

} // namespace http_test

#endif
