/* Distributed under the Boost Software License, Version 1.0. */
/* An echo server as a plugin in C: the tables and the hooks, nothing between them and the host. */
#include <epollhost/plugin.h>

#include <stdlib.h>
#include <string.h>

/* The instance: one in each worker. */
struct echo {
  uint64_t limit; /* bytes; 0 for never */
};

/* The state: one for each connection, in the host's memory, zeroed before the first hook. */
struct conversation {
  uint64_t seen; /* bytes */
};

static int32_t start(const eh_host* host, const eh_value* values, void** instance) {
  struct echo* echo = malloc(sizeof *echo);
  if (!echo) {
    host->log(host, EH_LOG_ERROR, "no memory", strlen("no memory"));
    return 1; /* any number but 0 refuses */
  }
  echo->limit = (uint64_t)values[0].integer;
  *instance = echo;
  return 0;
}

static void stop(void* instance) { free(instance); }

/* Take as much as there is room to answer; the rest comes again. */
static eh_next data(void* instance, void* state, eh_io* io) {
  const struct echo* echo = instance;
  struct conversation* conversation = state;
  const uint64_t n = io->in_len < io->out_cap ? io->in_len : io->out_cap;
  if (n > 0) memcpy(io->out, io->in, n); /* at the end of input there may be no bytes */
  io->in_used = n;
  io->out_used = n;
  conversation->seen += n;
  return echo->limit && conversation->seen >= echo->limit ? EH_CLOSE : EH_KEEP;
}

static const eh_option options[] = {
    {.name = "limit", .help = "close after this many bytes; 0 for never", .type = EH_SIZE},
};

static const eh_instance instance = {.size = sizeof instance, .start = start, .stop = stop};

static const eh_hooks hooks = {.size = sizeof hooks, .state_size = sizeof(struct conversation), .data = data};

const eh_plugin epollhost_plugin = {
    EH_PLUGIN_HEADER,
    .option_count = sizeof options / sizeof *options,
    .name = "echo",
    .version = "1.0.0",
    .summary = "sends every byte back",
    .listen = ":7000",
    .options = options,
    .instance = &instance,
    .hooks = &hooks,
};
