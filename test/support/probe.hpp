// Distributed under the Boost Software License, Version 1.0.
// A plugin in a test's hands: each hook is a function that the test sets.
#ifndef EPOLLHOST_TEST_SUPPORT_PROBE_HPP
#define EPOLLHOST_TEST_SUPPORT_PROBE_HPP

#include "support/probe.h"
#include "worker/plugin_library.hpp"

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace epollhost::test {

/// Drives probe.so. One at a time. Whatever the test sets, each call of each hook is checked against plugin.h: zeroed
/// state at `open`, order, no nesting, nothing but `close` after the end was asked for, `close` once, the windows.
/// A breach is a failure of the test, reported when the probe dies.
class probe {
public:
  using hook = std::function<eh_next(eh_io&)>;
  struct closing {
    eh_conn_id conn;
    eh_reason reason;
  };

  /// `hook_flags` as in eh_hooks; `state_bytes` beyond what the probe itself keeps there.
  explicit probe(std::uint32_t hook_flags = 0, std::uint32_t state_bytes = 0, std::uint32_t state_align = 0);
  ~probe();
  probe(const probe&) = delete;

  hook open, data, room, timer, wake, drain; ///< an unset one answers EH_KEEP; `data` consumes all then
  std::function<void(eh_conn_id, eh_reason)> close;
  std::function<std::int32_t()> start;
  std::function<void()> run;
  std::function<void(std::uint64_t)> tick;
  std::function<void()> stop;

  const plugin_library& library() const { return library_; }
  const eh_host* host = nullptr; ///< from `start` on
  std::vector<closing> closed;   ///< in their order
  std::vector<eh_conn_id> opened;
  std::uint64_t calls[probe_hook_count] = {};
  std::uint64_t stops = 0;

  bool in_hook() const { return depth_ > 0; }
  void* extra_state(void* state) const; ///< the bytes that the test asked for
  void* state = nullptr;                ///< of the call in hand

  /// eh_host::close; after EH_OK no hook but `close` may come for that connection.
  eh_status end_by_call(eh_conn_id conn, eh_next how);

  /// Note a breach of plugin.h by the host.
  void breach(std::string what) { breaches_.push_back(std::move(what)); }

private:
  struct record;
  eh_next call(probe_hook which, void* instance, void* state, eh_io& io);
  void check(probe_hook which, void* instance, record& r, const eh_io& io);
  void end(void* instance, void* state, eh_reason reason);
  static probe_tables& tables();

  plugin_library library_;
  std::uint32_t state_bytes_;
  int depth_ = 0;
  std::int64_t last_ns_ = 0;
  std::set<eh_conn_id> ended_by_call_;
  std::vector<std::string> breaches_;
};

/// Let `data` send everything back for which there is room.
void echo(probe& p);

} // namespace epollhost::test

#endif
