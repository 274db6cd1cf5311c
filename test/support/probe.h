/* Distributed under the Boost Software License, Version 1.0. */
/* What probe.so shares with a test: the tables that it exports, open to change, and where its hooks lead. */
#ifndef EPOLLHOST_TEST_SUPPORT_PROBE_H
#define EPOLLHOST_TEST_SUPPORT_PROBE_H

#include <epollhost/plugin.h>

enum probe_hook { probe_open, probe_data, probe_room, probe_timer, probe_wake, probe_drain, probe_hook_count };

/* The test's own functions; the plugin calls them and nothing else. */
struct probe_calls {
  eh_next (*hook)(enum probe_hook which, void* instance, void* state, eh_io* io);
  void (*close)(void* instance, void* state, eh_reason reason);
  int32_t (*start)(const eh_host* host, const eh_value* values, void** instance);
  void (*run)(void* instance);
  void (*tick)(void* instance, uint64_t arg);
  void (*stop)(void* instance);
};

struct probe_tables {
  struct probe_calls calls;
  eh_hooks hooks;
};

#endif
