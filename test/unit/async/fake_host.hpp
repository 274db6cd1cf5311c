// Distributed under the Boost Software License, Version 1.0.
// A host in memory for the tests of async.hpp: no socket, no clock, and every rule of plugin.h that tasks rely on.
#ifndef EPOLLHOST_TEST_ASYNC_FAKE_HOST_HPP
#define EPOLLHOST_TEST_ASYNC_FAKE_HOST_HPP

#include <epollhost/async.hpp>

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace epollhost::test {

/// One side of one connection, as the test sees it.
struct fake_peer {
  std::string sent;      ///< what has reached the peer
  bool reads = true;     ///< it takes output; else that is queued
  bool fin_seen = false; ///< the plugin has finished, or closed in order
  bool closed = false;   ///< the hook `close` has run
  std::uint32_t data_calls = 0;
  std::uint32_t calls = 0;  ///< of all hooks
  eh_next answer = EH_KEEP; ///< the last one
  eh_reason reason = 0;
  bool failed = false; ///< it answered EH_FAIL

  std::string address; ///< where an outgoing one is to lead

  // ---- the host's own
  const eh_hooks* hooks = nullptr;
  bool connecting = false;
  eh_conn_id id = 0;
  std::string unread, queued;
  std::uint64_t want = 0;
  std::int64_t deadline_ns = 0;
  bool end = false, end_told = false, paused = false, half_open = false, finish = false, gone = false;
  bool above_high = false, room_due = false, drain_due = false, ready = false, answered_close = false;
  std::unique_ptr<void*[]> state;
};

/// Runs one plugin. Nothing happens but in turn() and the functions that say so.
class fake_host : public eh_host {
public:
  static constexpr std::size_t output_high = 100'000, output_low = 10'000, output_max = 150'000, input_max = 100'000;
  static constexpr std::size_t window_bytes = 65'536;

  explicit fake_host(const eh_plugin& plugin);
  ~fake_host();
  fake_host(const fake_host&) = delete;

  /// A connection is there: `open` is called.
  fake_peer& connect(std::uint64_t listener = 0);

  /// The outgoing connections so far, in their order. Each waits for establish() or refuse().
  std::vector<fake_peer*> outgoing;
  void establish(fake_peer& p);
  void refuse(fake_peer& p, eh_reason why, std::string text);

  /// The peer sends; its FIN; it goes away. Each is followed by run().
  void send(fake_peer& p, std::string_view bytes);
  void end(fake_peer& p);
  void drop(fake_peer& p, eh_reason why = EH_REASON_RESET);

  /// The peer reads, up to so many bytes.
  void read(fake_peer& p, std::size_t bytes = ~std::size_t(0));

  void drain();
  void advance(std::chrono::nanoseconds time);

  bool turn(); ///< one turn of the loop; answers whether anything happened
  void run();  ///< turns until nothing happens

  std::int64_t clock_ns = 1'000'000'000'000;
  std::vector<std::string> log_lines;
  std::string run_failure; ///< what `run` has failed with
  std::size_t turns = 0;
  std::size_t pending_timers() const { return timers_.size(); }
  eh_status connect_answer = EH_OK;
  eh_status wake_answer = EH_OK; ///< of `wake` and `post`, where it is not EH_OK
  bool counted = false;          ///< the hooks' allocations count
  bool peers_read = true;        ///< those that come: fake_peer::reads
  void* instance = nullptr;

private:
  struct timer {
    std::int64_t id, at_ns;
    eh_conn_id conn;
    std::uint64_t arg;
  };
  struct message {
    eh_conn_id conn;
    std::uint64_t arg;
    eh_release release;
    void* context;
  };
  static fake_host& of(const eh_host* h) { return *const_cast<fake_host*>(static_cast<const fake_host*>(h)); }
  fake_peer* find(eh_conn_id id);
  void call(fake_peer& p, eh_hook hook, std::uint64_t arg, bool is_data = false);
  void apply(fake_peer& p, eh_next answer);
  bool deliver(fake_peer& p);
  void flush(fake_peer& p);
  void finish_turn(fake_peer& p);
  bool fire_timers();
  bool deliver_messages();
  eh_status append(fake_peer& p, std::string_view bytes);
  std::size_t queued_bytes(const fake_peer& p) const;
  eh_status put(message m);
  eh_status make(const eh_connect& how, eh_conn_id& id, void*& state);
  void fill_table();

  const eh_plugin& plugin_;
  std::deque<fake_peer> peers_;
  std::map<std::int64_t, timer> timers_;
  std::mutex mutex_; // of messages_, which other threads post
  std::deque<message> messages_;
  std::int64_t last_timer_ = 0;
  fake_peer* in_hook_ = nullptr;
  eh_io io_{};
  std::string window_, committed_;
  bool draining_ = false;
  eh_limits limits_{};
  eh_failure failure_{};
  std::string refusal_; // of the `close` in hand
};

} // namespace epollhost::test

#endif
