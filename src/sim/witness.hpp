// Distributed under the Boost Software License, Version 1.0.
// Stands between the host and the plugin, and looks at each call.
#ifndef EPOLLHOST_SIM_WITNESS_HPP
#define EPOLLHOST_SIM_WITNESS_HPP

#include "epollhost/plugin.h"
#include "sim/referee.hpp"
#include "worker/worker_page.hpp"

#include <cstddef>
#include <deque>
#include <set>
#include <utility>
#include <vector>

namespace epollhost::sim {

/// What is known when the process dies in a hook; it lies in memory that the parent sees.
struct last_words {
  hook in_hook = hook::none;
  std::uint64_t conn = 0;
  std::int64_t now_ns = 0;
};

/// Checks both sides of plugin.h: order and windows that the host owes, and answers that the plugin owes. The plugin
/// works on memory of our own, so that what it may not touch cannot be touched unnoticed: a state lies at the end of a
/// page that goes away with `close`, input at the end of a page, and what a hook has seen is overwritten afterwards.
/// Connections that the plugin makes are seen too: it gets a host table whose `connect` and `relay` come by here.
///
/// One at a time. It keeps that memory until it ends itself, after the worker.
class witness {
public:
  witness(referee& r, const eh_hooks& hooks, const eh_instance& instance, last_words& words);
  ~witness();
  witness(const witness&) = delete;

  const eh_hooks& hooks() const { return hooks_; } ///< for the worker, in place of the plugin's
  const eh_instance& instance() const { return instance_; }

  /// Connections that had `open` and not yet `close`.
  std::size_t open() const { return open_; }

private:
  struct record;
  struct table {
    const eh_hooks* given; ///< by the plugin, for connections that it makes
    const eh_hooks whole, ours;
  };
  template <hook Which> static eh_next call(void* instance, void* state, eh_io* io);
  static void closed(void* instance, void* state, eh_reason reason);
  static std::int32_t started(const eh_host* host, const eh_value* values, void** instance);
  static void stopped(void* instance);
  static eh_status connected(const eh_host* host, const eh_connect* how, eh_conn_id* conn, void** state);
  static eh_status relayed(const eh_host* host, eh_conn_id a, eh_conn_id b);
  void watch_calls(const eh_host& host);
  static eh_hooks pass_on(const eh_hooks& whole);
  const table& table_of(const eh_hooks& given);
  void begin(record& r, const eh_hooks& hooks, eh_conn_id conn);
  static void ran(void* instance);
  static void ticked(void* instance, std::uint64_t arg);

  void enter(hook which, std::uint64_t conn);
  void leave();
  eh_next pass(hook which, eh_hook eh_hooks::*member, void* instance, record& r, eh_io& io);
  void check_call(hook which, const record& r, const eh_io& io);
  void check_answer(hook which, const eh_io& io, eh_next answer);
  void open_record(record& r, const eh_io& io);
  const char* guarded_input(const eh_io& io);
  char* take(std::size_t len, std::size_t alignment);

  static witness* the_one;
  referee& referee_;
  const eh_hooks plugin_hooks_;
  const eh_instance plugin_instance_;
  last_words& words_;
  eh_hooks hooks_;
  eh_instance instance_;
  std::deque<table> tables_; // the host refers to them
  std::set<eh_conn_id> relayed_;
  decltype(eh_host::connect) connect_ = nullptr; // of the host
  decltype(eh_host::relay) relay_ = nullptr;
  std::size_t open_ = 0;
  std::vector<std::pair<char*, std::size_t>> taken_;
  char* input_end_ = nullptr;
  std::size_t input_room_ = 0;
  std::int64_t last_now_ns_ = 0;
  bool stopped_ = false;
};

} // namespace epollhost::sim

#endif
