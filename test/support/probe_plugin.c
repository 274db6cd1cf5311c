/* Distributed under the Boost Software License, Version 1.0. */
/* A plugin whose hooks lead into the test that loaded it. */
#include "probe.h"

extern EH_EXPORT struct probe_tables probe_tables;

#define PROBE_HOOK(name)                                                                                               \
  static eh_next name(void* instance, void* state, eh_io* io) {                                                        \
    return probe_tables.calls.hook(probe_##name, instance, state, io);                                                 \
  }
PROBE_HOOK(open)
PROBE_HOOK(data)
PROBE_HOOK(room)
PROBE_HOOK(timer)
PROBE_HOOK(wake)
PROBE_HOOK(drain)
static void end(void* instance, void* state, eh_reason reason) { probe_tables.calls.close(instance, state, reason); }

static int32_t start(const eh_host* host, const eh_value* values, void** instance) {
  return probe_tables.calls.start(host, values, instance);
}
static void run(void* instance) { probe_tables.calls.run(instance); }
static void tick(void* instance, uint64_t arg) { probe_tables.calls.tick(instance, arg); }
static void stop(void* instance) { probe_tables.calls.stop(instance); }

struct probe_tables probe_tables = {.hooks = {.size = sizeof(eh_hooks),
                                              .open = open,
                                              .data = data,
                                              .room = room,
                                              .timer = timer,
                                              .wake = wake,
                                              .drain = drain,
                                              .close = end}};

static const eh_instance instance_table = {
    .size = sizeof(eh_instance), .start = start, .run = run, .tick = tick, .stop = stop};

EH_EXPORT const eh_plugin epollhost_plugin = {EH_PLUGIN_HEADER,
                                              .name = "probe",
                                              .version = "1.0.0",
                                              .summary = "does what a test says",
                                              .listen = "127.0.0.1:0",
                                              .instance = &instance_table,
                                              .hooks = &probe_tables.hooks};
