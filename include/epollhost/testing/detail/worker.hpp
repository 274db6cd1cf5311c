// Distributed under the Boost Software License, Version 1.0.
// The host in memory: one plugin, its connections and its time (src/worker/worker.hpp).
#ifndef EPOLLHOST_TESTING_DETAIL_WORKER_HPP
#define EPOLLHOST_TESTING_DETAIL_WORKER_HPP

#include <epollhost/failure.h>

#include <epollhost/testing/detail/connection.hpp>
#include <epollhost/testing/detail/metrics.hpp>
#include <epollhost/testing/detail/option_values.hpp>
#include <epollhost/testing/detail/outgoing.hpp>
#include <epollhost/testing/detail/tables.hpp>
#include <epollhost/testing/detail/timers.hpp>

#include <algorithm>
#include <atomic>
#include <deque>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace epollhost::testing {

/// One line that the plugin logged.
struct log_line {
  std::uint32_t level; ///< EH_LOG_ERROR ... EH_LOG_DEBUG
  std::string text;
};

/// A log channel that the plugin opened, with all that it wrote. No file is touched.
struct log_channel {
  std::string path;
  std::string lines;
};

namespace detail {

class worker;

/// What the plugin gets. It is never freed, so that whoever calls it too late is told.
struct host_table : eh_host {
  std::atomic<worker*> owner{nullptr};
  eh_limits bounds{};   ///< the answer of get_extension(EH_LIMITS)
  eh_failure failure{}; ///< that of EH_FAILURE
};
host_table* make_host_table(worker& owner); // host_table.hpp

/// Lives in the thread that made it, as does all that it calls.
class worker {
public:
  static constexpr int turns_max = 10'000; ///< without that time passes

  /// Runs `start`, and `run` if it is chosen. Throws refused. `record` outlives it.
  worker(const eh_plugin& plugin, option_values values, const settings& chosen, call_record& record)
      : name_(chosen.name.empty() ? plugin.name : chosen.name), hooks_(complete(*plugin.hooks)),
        instance_(complete(plugin.instance)), values_(std::move(values)), shared_(chosen, record), acceptor_(*this),
        drain_timer_(*this), timers_(shared_.loop, [this](std::uint64_t conn, std::uint64_t arg) { fire(conn, arg); }),
        outgoing_(shared_), random_(chosen.seed), host_(make_host_table(*this)) {
    const std::int32_t default_policy = plugin.socket ? plugin.socket->write_policy : EH_WRITE_TURN;
    shared_.write_now = (chosen.write_policy < 0 ? default_policy : chosen.write_policy) == EH_WRITE_NOW;
    shared_.on_freed = [this](connection& c) { on_freed(c); };
    shared_.forget_dial = [this](connection& c) { outgoing_.forget(c); };
    shared_.loop.remember(acceptor_);
    shared_.loop.remember(drain_timer_);
    start();
    if (chosen.run) run();
  }
  ~worker() {
    stop();
    host_->owner = nullptr;
    shared_.loop.forget(acceptor_);
    shared_.loop.forget(drain_timer_);
  }
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;

  // ---- what a test does

  void connect(std::shared_ptr<link> peer, std::uint64_t listener) {
    backlog_.emplace_back(std::move(peer), listener);
    shared_.loop.add_event(acceptor_);
  }

  /// Turn until nothing is left to do at this time.
  void settle() {
    for (int turns = 0; !shared_.loop.idle(); ++turns) {
      if (turns == turns_max) return note_unrest();
      shared_.loop.turn();
    }
  }

  /// Let time pass, and stop at each timer on the way.
  void advance_ns(std::int64_t by) {
    const std::int64_t end = deadline_after(shared_.loop.now_ns(), by);
    std::int64_t mark = shared_.loop.now_ns();
    int steps = 0;
    for (settle(); shared_.loop.earliest() <= end; settle()) {
      shared_.loop.set_now_ns(shared_.loop.earliest());
      if (shared_.loop.now_ns() - mark > 1'000'000) mark = shared_.loop.now_ns(), steps = 0;
      if (++steps == turns_max) return note_unrest();
    }
    shared_.loop.set_now_ns(end);
    settle();
  }

  /// Let time pass at once, as when the machine slept: all that is due by then comes together, and late.
  void jump_ns(std::int64_t by) {
    shared_.loop.set_now_ns(deadline_after(shared_.loop.now_ns(), by));
    settle();
  }

  /// As the worker's drain: no new connections, `drain` for each; after the drain timeout the end by force.
  void drain() {
    if (std::exchange(shared_.draining, true)) return;
    for_each_connection([](connection& c) { c.drain(); });
    const std::int64_t timeout = shared_.chosen.limits.drain_timeout.count();
    if (timeout == 0) return;
    at_the_end_ns_ = std::min<std::int64_t>(timeout / 10, 1'000'000'000);
    shared_.loop.arm(drain_timer_, deadline_after(shared_.loop.now_ns(), timeout - at_the_end_ns_));
  }

  /// Every connection has its `close`, every undelivered post its release, then the instance ends.
  void stop() {
    if (!std::exchange(started_, false)) return;
    shared_.draining = true;
    last_turn();
    enter(hook::stop, [this] { instance_.stop(shared_.instance); });
    stopped_ = true;
    last_turn();
  }

  bool wait_for_post(std::chrono::nanoseconds patience) { return shared_.loop.wait_for_post(patience); }

  // ---- for host_table.hpp

  bool on_this_thread() const { return thread_ == std::this_thread::get_id(); }
  bool stopped() const { return stopped_; }

  /// For eh_failure::fail: false if `run` is not running.
  bool fail_run(std::string_view why) {
    if (!run_failure_) return false;
    if (run_failure_->empty()) *run_failure_ = why;
    return true;
  }
  connection* find(eh_conn_id id) {
    loop_object* const o = shared_.loop.find(id);
    if (!o || o->kind() != loop_object::role::connection) return nullptr;
    auto* const c = static_cast<connection*>(o);
    return c->is_open() || c->is_connecting() ? c : nullptr;
  }
  plugin_timers& timers() { return timers_; }
  detail::outgoing& outgoing() { return outgoing_; }
  bool is_started() const { return started_; }

  eh_status dial(const eh_connect& how, std::string address, eh_conn_id* conn, void** state) {
    if (shared_.outgoing_open >= shared_.chosen.limits.max_connections) return EH_OVER_LIMIT;
    const eh_hooks* const hooks = outgoing_.kind_of(how.hooks);
    if (!hooks) return EH_OVER_LIMIT;
    auto peer = std::make_shared<link>();
    peer->peer_address = std::move(address);
    peer->local_address = "127.0.0.1:50000";
    connection& c = own(*hooks, peer);
    c.prepare();
    outgoing_.add(c, std::move(peer), how);
    if (conn) *conn = c.id();
    if (state) *state = c.state();
    return EH_OK;
  }
  class loop& loop() {
    return shared_.loop;
  }
  context& shared() { return shared_; }
  const eh_host* host() const { return host_; }
  const std::string& name() const { return name_; }

  struct message {
    eh_conn_id conn; ///< 0: the instance
    std::uint64_t arg;
    eh_release release;
    void* context;
  };
  /// [any thread]
  void post(message m) {
    shared_.loop.post([this, m] { deliver(m); });
  }
  void plugin_says(std::uint32_t level, std::string text) {
    const std::lock_guard lock(log_mutex_);
    log_.push_back(
        {level < EH_LOG_ERROR || level > EH_LOG_DEBUG ? std::uint32_t(EH_LOG_INFO) : level, std::move(text)});
  }
  std::vector<log_line> log() const {
    const std::lock_guard lock(log_mutex_);
    return log_;
  }
  void clear_log() {
    const std::lock_guard lock(log_mutex_);
    log_.clear();
  }
  /// Answers its number, or EH_OVER_LIMIT.
  std::int64_t open_channel(std::string path) {
    for (std::size_t i = 0; i < channels_.size(); ++i)
      if (channels_[i].path == path) return static_cast<std::int64_t>(i + 1);
    if (channels_.size() == EH_CHANNELS_MAX) return EH_OVER_LIMIT;
    channels_.push_back({std::move(path), {}});
    return static_cast<std::int64_t>(channels_.size());
  }
  std::vector<log_channel>& channels() { return channels_; }
  detail::metrics& metrics() { return metrics_; }
  /// splitmix64
  std::uint64_t random() {
    std::uint64_t z = random_.fetch_add(0x9e3779b97f4a7c15) + 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

private:
  struct acceptor final : loop_object {
    explicit acceptor(worker& w) : loop_object(role::other), owner(w) {}
    void on_event() override { owner.accept(); }
    worker& owner;
  };
  struct drain_timer final : loop_object {
    explicit drain_timer(worker& w) : loop_object(role::other), owner(w) {}
    void on_timer() override { owner.on_drain_timer(); }
    worker& owner;
  };

  template <class F> auto enter(hook h, F f) -> decltype(f()) {
    shared_.record.in = h;
    shared_.record.conn = 0;
    ++shared_.record.calls;
    const struct leave {
      call_record& record;
      ~leave() { record.in = hook::none; }
    } at_the_end{shared_.record};
    try {
      return f();
    } catch (const std::exception& e) {
      shared_.rules.note("exception", std::string(name_of(h)) + ": the hook threw: " + e.what() + "; catch it inside");
    } catch (...) {
      shared_.rules.note("exception", std::string(name_of(h)) + ": the hook threw no std::exception; catch it inside");
    }
    return decltype(f())(1);
  }

  void start() {
    const std::int32_t answer =
        enter(hook::start, [this] { return instance_.start(host_, values_.data(), &shared_.instance); });
    if (answer == 0) {
      started_ = true;
      return;
    }
    std::string why = "plugin " + name_ + ": its `start` answered " + std::to_string(answer) + ", expected 0";
    for (const log_line& line : log()) why += "\n  it logged: " + line.text;
    for (const broken_rule& rule : shared_.rules.all()) why += "\n  " + rule.what;
    shared_.loop.forget(acceptor_);
    shared_.loop.forget(drain_timer_);
    host_->owner = nullptr;
    throw refused(why);
  }

  void run() {
    std::string failure;
    run_failure_ = &failure;
    enter(hook::run, [this] { instance_.run(shared_.instance); });
    run_failure_ = nullptr;
    if (failure.empty()) return;
    stop();
    shared_.loop.forget(acceptor_);
    shared_.loop.forget(drain_timer_);
    host_->owner = nullptr;
    throw refused("plugin " + name_ + " failed in its `run`: " + failure);
  }

  void accept() {
    while (!backlog_.empty() && !shared_.draining && accepted_open() < shared_.chosen.limits.max_connections) {
      const auto [peer, listener] = backlog_.front();
      backlog_.pop_front();
      connection& c = own(hooks_, peer);
      c.start(listener);
      if (c.is_open() && (peer->bytes.peer_finished || peer->bytes.peer_gone)) c.wire_changed();
    }
  }

  std::size_t accepted_open() const { return shared_.open - shared_.outgoing_open; }

  connection& own(const eh_hooks& hooks, std::shared_ptr<link> peer) {
    auto owned = std::make_unique<connection>(shared_, hooks, std::move(peer));
    connection& c = *owned;
    connections_.emplace(&c, std::move(owned));
    return c;
  }

  void on_freed(connection& c) {
    timers_.forget(c.id());
    outgoing_.closed(c.id());
    connections_.erase(&c);
    if (!shared_.draining && !backlog_.empty()) shared_.loop.add_event(acceptor_);
  }

  void fire(std::uint64_t conn, std::uint64_t arg) {
    if (conn == 0)
      tick(arg);
    else if (connection* const c = find(conn))
      c->call(hook::timer, arg);
  }

  void tick(std::uint64_t arg) {
    if (started_) enter(hook::tick, [&] { instance_.tick(shared_.instance, arg); });
  }

  void deliver(const message& m) {
    if (m.conn == 0 && started_)
      tick(m.arg);
    else if (connection* const c = m.conn ? find(m.conn) : nullptr)
      c->is_connecting() ? outgoing_.when_decided(*c, [this, m] { deliver(m); }) : c->call(hook::wake, m.arg);
    else if (m.release)
      m.release(m.context);
  }

  void on_drain_timer() {
    if (at_the_end_ns_ > 0) {
      for_each_connection([](connection& c) { c.retire(); });
      shared_.loop.arm(drain_timer_, deadline_after(shared_.loop.now_ns(), std::exchange(at_the_end_ns_, 0)));
    } else {
      cut_off_all();
    }
  }

  template <class F> void for_each_connection(F f) {
    shared_.loop.for_each_object([&](loop_object& o) {
      if (o.kind() == loop_object::role::connection) f(static_cast<connection&>(o));
    });
  }
  void cut_off_all() {
    for_each_connection([](connection& c) { c.cut_off(); });
  }
  void last_turn() {
    cut_off_all();
    shared_.loop.turn();
  }

  void note_unrest() {
    shared_.rules.note("never-rests", "after " + std::to_string(turns_max) +
                                          " turns of the loop, with hardly any time passed, there is still work: a "
                                          "wake, a post or a timer of the plugin sets off the next one");
  }

  const std::string name_;
  const eh_hooks hooks_;
  const eh_instance instance_;
  const option_values values_;
  const std::thread::id thread_ = std::this_thread::get_id();
  context shared_;
  acceptor acceptor_;
  drain_timer drain_timer_;
  plugin_timers timers_;
  detail::outgoing outgoing_;
  std::deque<std::pair<std::shared_ptr<link>, std::uint64_t>> backlog_;
  std::map<connection*, std::unique_ptr<connection>> connections_;
  mutable std::mutex log_mutex_;
  std::vector<log_line> log_;
  std::vector<log_channel> channels_;
  detail::metrics metrics_;
  std::atomic<std::uint64_t> random_;
  std::int64_t at_the_end_ns_ = 0; ///< of a drain: from the last requests to the end by force
  std::atomic<bool> stopped_{false};
  bool started_ = false;
  std::string* run_failure_ = nullptr; ///< where it goes, while `run` runs
  host_table* const host_;
};

} // namespace detail
} // namespace epollhost::testing

#include <epollhost/testing/detail/host_table.hpp>

#endif
