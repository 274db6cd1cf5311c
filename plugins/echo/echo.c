/* Distributed under the Boost Software License, Version 1.0. */
/* Sends every byte back: the smallest whole plugin, in C. doc/echo.adoc walks through it. */
#include <epollhost/plugin.h>

#include <string.h>

/* There is input, or its end. Take as much as there is room to answer: the rest comes again when there is more room. */
static eh_next data(void* instance, void* state, eh_io* io) {
  (void)instance, (void)state; /* it keeps nothing */
  const uint64_t n = io->in_len < io->out_cap ? io->in_len : io->out_cap;
  if (n > 0) memcpy(io->out, io->in, n); /* at the end of input there may be no bytes, and no pointer */
  io->in_used = n;
  io->out_used = n;
  return EH_KEEP;
}

static const eh_hooks hooks = {.size = sizeof hooks, .data = data};

const eh_plugin epollhost_plugin = {
    EH_PLUGIN_HEADER,  .name = "echo",  .version = EPOLLHOST_VERSION, .summary = "sends every byte back",
    .listen = ":7002", .hooks = &hooks,
};
