// Distributed under the Boost Software License, Version 1.0.
// A plugin that runs in a test, in memory. Plugins may include this (their tests, through testing.hpp).
#ifndef EPOLLHOST_TESTING_PLUGIN_HPP
#define EPOLLHOST_TESTING_PLUGIN_HPP

#include <epollhost/testing/detail/library.hpp>
#include <epollhost/testing/detail/running.hpp>
#include <epollhost/testing/peer.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace epollhost::testing {

/// One instance of a plugin with a host of its own: no socket, no thread, no time but what the test lets pass. What the
/// plugin sees is what it would see in epollhost. Whatever rule of plugin.h it breaks is thrown as a failure by the
/// function that was called when it did so; see broken_rule for the names.
///
/// Each input window is memory of its own, which ends at a page that nobody may touch and is gone after the call. So a
/// plugin that reads too far, or keeps a pointer, dies of SIGSEGV on the spot, in its own line.
class plugin {
public:
  /// Load a shared object; its file name needs a slash. Throws refused.
  explicit plugin(const std::string& file, texts options = {}, settings chosen = {})
      : plugin(detail::load(file), std::move(options), std::move(chosen)) {}

  /// The plugin that is linked into the test: its `epollhost_plugin`.
  explicit plugin(const eh_plugin& table, texts options = {}, settings chosen = {})
      : table_(&table), options_(std::move(options)), chosen_(std::move(chosen)) {
    start();
  }

  plugin(const plugin&) = delete;
  plugin& operator=(const plugin&) = delete;

  /// Ends it as stop() does. Throws what stop() throws, unless another exception is under way.
  ~plugin() noexcept(false) {
    worker().stop();
    if (std::uncaught_exceptions() == 0) running_->check();
  }

  /// Another one, as fresh as this one was: the same table, options and settings, and so the same time and chance.
  plugin again() const { return plugin(*this, fresh()); }

  // ---- connections

  /// A client connects, and the plugin's `open` has run. `listener` is the index of the address, `arg` of `open`.
  peer connect(std::uint64_t listener = 0) {
    auto l = std::make_shared<detail::link>();
    l->peer_address = "127.0.0.1:" + std::to_string(40'000 + running_->connects++ % 20'000);
    l->local_address = "127.0.0.1:7000";
    worker().connect(l, listener);
    settle();
    return {std::move(l), running_->act};
  }

  /// The addresses that the plugin connects to, and nobody has answered yet.
  std::vector<std::string> connecting() const { return worker().outgoing().addresses(); }

  /// Accept the first of those to this address, or the first of all: its `open` has run. Throws failure if there is
  /// none. What is neither accepted nor refused times out.
  peer accept(std::string_view address = {}) {
    auto l = worker().outgoing().accept(address);
    if (!l) throw failure("the plugin connects to nobody" + at(address));
    settle();
    return {std::move(l), running_->act};
  }

  /// Refuse it: its `close` has run, with EH_REASON_CONNECT.
  void refuse(std::string_view address = {}, const std::string& why = "Connection refused") {
    if (!worker().outgoing().refuse(address, why)) throw failure("the plugin connects to nobody" + at(address));
    settle();
  }

  /// Connections whose `close` has not run.
  std::size_t open_connections() const { return worker().shared().open; }

  // ---- time

  /// Let time pass; each deadline and timer on the way comes at its time, and none before.
  void advance(std::chrono::nanoseconds by) {
    worker().advance_ns(by.count());
    running_->check();
  }

  /// Let it pass at once, as when the machine slept: what is due by then comes late.
  void jump(std::chrono::nanoseconds by) {
    worker().jump_ns(by.count());
    running_->check();
  }

  std::int64_t now_ns() const { return worker().loop().now_ns(); }

  // ---- the worker

  /// The worker is to end: no more connections, `drain` for each. By force it ends at limits::drain_timeout.
  void drain() {
    worker().drain();
    settle();
  }

  /// eh_host::post: `wake` of the connection, or with 0 `tick` of the instance.
  void post(eh_conn_id conn, std::uint64_t arg) {
    worker().post({conn, arg, nullptr, nullptr});
    settle();
  }
  void tick(std::uint64_t arg) { post(0, arg); }
  void wake(const peer& to, std::uint64_t arg) { post(to.id(), arg); }

  /// For a plugin that has threads: wait, in real time, until one of them posts, and deliver it. False if none did.
  bool wait_for_post(std::chrono::nanoseconds patience) {
    const bool came = worker().wait_for_post(patience);
    settle();
    return came;
  }

  /// Do what is left to do at this time. The others do it by themselves; after a call of host() it is needed.
  void settle() { running_->settle(); }

  /// Reset all connections, and run the plugin's `stop`. Nothing can be done with it afterwards.
  void stop() {
    worker().stop();
    running_->check();
  }

  /// What the plugin was given, to call the host's functions as it does.
  const eh_host* host() const { return worker().host(); }

  // ---- what it said and did

  std::vector<log_line> log() const { return worker().log(); }
  bool logged(std::string_view part) const {
    for (const log_line& line : log())
      if (line.text.find(part) != line.text.npos) return true;
    return false;
  }
  std::vector<log_channel> channels() const { return worker().channels(); }
  void clear_log() { worker().clear_log(); }

  /// What a metric of the plugin has come to. Throws failure if it has none of this name.
  std::uint64_t metric(std::string_view name) const {
    const testing::metric* const found = detail::find(worker().metrics(), name);
    if (!found) throw failure("the plugin has defined no metric \"" + std::string(name) + "\"");
    return found->value;
  }
  std::vector<testing::metric> metrics() const { return {worker().metrics().begin(), worker().metrics().end()}; }

  /// Hooks that answered EH_FAIL: an exception left the plugin's code.
  std::uint64_t failures() const { return worker().shared().failures; }

  /// Bytes that were read for the plugin, on all connections.
  std::uint64_t bytes_in() const { return worker().shared().bytes_in; }

  /// All that was noted, also where settings::throws is off.
  std::vector<broken_rule> broken_rules() const { return worker().shared().rules.all(); }

  const eh_plugin& table() const { return *table_; }
  const settings& chosen() const { return chosen_; }

protected:
  /// With values as `start` gets them, in the order of the table.
  plugin(const eh_plugin& table, std::vector<eh_value> values, settings chosen)
      : table_(&table), values_(std::move(values)), typed_(true), chosen_(std::move(chosen)) {
    start();
  }

private:
  static std::string at(std::string_view address) {
    return address.empty() ? std::string() : " at " + std::string(address);
  }

  struct fresh {};
  plugin(const plugin& other, fresh)
      : table_(other.table_), options_(other.options_), values_(other.values_), typed_(other.typed_),
        chosen_(other.chosen_) {
    start();
  }

  void start() {
    detail::check_table(*table_);
    running_ = std::make_unique<detail::running>(
        *table_, typed_ ? detail::option_values(*table_, values_) : detail::option_values(*table_, options_), chosen_);
    running_->check();
  }

  detail::worker& worker() const { return running_->worker; }

  const eh_plugin* table_;
  texts options_;
  std::vector<eh_value> values_;
  bool typed_ = false;
  settings chosen_;
  std::unique_ptr<detail::running> running_;
};

} // namespace epollhost::testing

#endif
