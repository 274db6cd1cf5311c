/* Distributed under the Boost Software License, Version 1.0. */
/* A plugin that dies of what two connections say together: "boom" ends the process once any has said "arm". All else
 * comes back, with a random number in front. */
#include <epollhost/plugin.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const eh_host* host;
static int armed;

static int32_t start(const eh_host* h, const eh_value* values, void** instance) {
  (void)values, (void)instance;
  host = h;
  return 0;
}

static eh_next data(void* instance, void* state, eh_io* io) {
  uint32_t number = 0;
  (void)instance, (void)state;
  if (io->in_len >= 3 && memcmp(io->in, "arm", 3) == 0) armed = 1;
  if (io->in_len >= 4 && memcmp(io->in, "boom", 4) == 0 && armed) raise(SIGSEGV);
  host->random(host, &number, sizeof number);
  io->out_used = (uint64_t)snprintf(io->out, io->out_cap, "%08x %.*s", number, (int)io->in_len, io->in);
  io->in_used = io->in_len;
  return EH_KEEP;
}

static const eh_instance instance_hooks = {.size = sizeof(eh_instance), .start = start};
static const eh_hooks hooks = {.size = sizeof(eh_hooks), .data = data};

EH_EXPORT const eh_plugin epollhost_plugin = {
    EH_PLUGIN_HEADER,        .name = "remember",          .version = "1.0.0", .summary = "dies of two connections",
    .listen = "127.0.0.1:0", .instance = &instance_hooks, .hooks = &hooks};
