/* new-plugin: answers each line, a name, with a greeting.
 *
 * The instance lives once in each worker. The host calls `data` when there is input; what is left unconsumed comes again,
 * with more behind it. <epollhost/plugin.h> says what else there is. */
#include <epollhost/plugin.h>

#include <stdlib.h>
#include <string.h>

struct server {
  const char* greeting;
  uint64_t greeting_len;
  uint64_t line_max;
};

/* The options, in the order of this table. */
static const eh_option options[] = {
    {.name = "greeting",
     .help = "the word before the name",
     .type = EH_STRING,
     .fallback = {.text = "Hello"}},
    {.name = "line-max",
     .help = "the longest name; a longer one ends the connection",
     .type = EH_SIZE,
     .fallback = {.integer = 1024},
     .min = {.integer = 1},
     .max = {.integer = 4096}},
};

static int32_t start(const eh_host* host, const eh_value* values, void** instance) {
  struct server* server = malloc(sizeof *server);
  if (!server) return 1; /* any number but 0 refuses */
  server->greeting = values[0].text; /* the host's, until `stop` returns */
  server->greeting_len = values[0].text_len;
  server->line_max = (uint64_t)values[1].integer;
  if (server->greeting_len > 1024) {
    static const char why[] = "the greeting is longer than 1024 bytes";
    host->log(host, EH_LOG_ERROR, why, sizeof why - 1);
    free(server);
    return 1;
  }
  *instance = server;
  return 0;
}

static void stop(void* instance) { free(instance); }

static void put(eh_io* io, const char* bytes, uint64_t len) {
  if (len > 0) memcpy(io->out + io->out_used, bytes, len);
  io->out_used += len;
}

static eh_next data(void* instance, void* state, eh_io* io) {
  const struct server* server = instance;
  (void)state;
  while (io->in_used < io->in_len) {
    const char* line = io->in + io->in_used;
    const uint64_t left = io->in_len - io->in_used;
    const char* end = memchr(line, '\n', left);
    const uint64_t length = end ? (uint64_t)(end - line) : left;
    if (length > server->line_max) return EH_CLOSE;
    if (!end) break; /* the rest of the line is still to come */

    /* The window has room for EH_OUT_MIN bytes at least, so for one answer; the others wait for the next call. */
    if (server->greeting_len + 2 + length + 2 > io->out_cap - io->out_used) break;
    put(io, server->greeting, server->greeting_len);
    put(io, ", ", 2);
    put(io, line, length);
    put(io, "!\n", 2);
    io->in_used += length + 1;
  }
  return EH_KEEP;
}

static const eh_instance instance_table = {.size = sizeof(eh_instance), .start = start, .stop = stop};

static const eh_hooks hooks = {.size = sizeof(eh_hooks), .data = data};

const eh_plugin epollhost_plugin = {
    EH_PLUGIN_HEADER,
    .option_count = sizeof options / sizeof *options,
    .name = "new-plugin",
    .version = "0.1.0",
    .summary = "greets whoever sends a name",
    .listen = ":7000",
    .options = options,
    .instance = &instance_table,
    .hooks = &hooks,
};
