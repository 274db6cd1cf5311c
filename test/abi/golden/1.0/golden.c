/* Distributed under the Boost Software License, Version 1.0. */
/* The plugin of golden.so, built once from the header beside it and never again: see README.md. */
#include <epollhost/plugin.h>

#include <pthread.h>
#include <string.h>

typedef struct foreign_state {
  pthread_t thread;
  uint64_t started;
  int32_t there; /* what on_worker said on the other thread */
  eh_conn_id conn;
} foreign_state;

static const eh_host* the_host;
static int values_are_right;

static eh_next say(eh_io* io, const char* text) {
  const size_t len = strlen(text);
  memcpy(io->out + io->out_used, text, len);
  io->out_used += len;
  return EH_KEEP;
}

static void* post_from_here(void* given) {
  foreign_state* const state = (foreign_state*)given;
  state->there = the_host->on_worker(the_host);
  the_host->post(the_host, state->conn, 42, NULL, NULL);
  return NULL;
}

static eh_next data(void* instance, void* given, eh_io* io) {
  foreign_state* const state = (foreign_state*)given;
  const char what = io->in_len ? io->in[0] : ' ';
  (void)instance;
  io->in_used = io->in_len ? 1 : 0;
  state->conn = io->conn;
  if (what == 't') the_host->timer_start(the_host, io->conn, io->now_ns + 1000000, 7);
  if (what == 'd') io->deadline_ns = io->now_ns + 1000000;
  if (what == 'v') return say(io, values_are_right ? "values;" : "wrong;");
  if (what == 'o') return say(io, the_host->on_worker(the_host) == 1 ? "here;" : "elsewhere;");
  if (what == 'p') state->started = pthread_create(&state->thread, NULL, post_from_here, state) == 0;
  return EH_KEEP;
}

static eh_next timer(void* instance, void* state, eh_io* io) {
  (void)instance, (void)state;
  return say(io, io->arg == 7 ? "timer;" : io->arg == 0 ? "deadline;" : "wrong;");
}

static eh_next wake(void* instance, void* given, eh_io* io) {
  foreign_state* const state = (foreign_state*)given;
  (void)instance;
  pthread_join(state->thread, NULL);
  state->started = 0;
  return say(io, io->arg == 42 && state->there == 0 ? "posted;" : "wrong;");
}

static void end(void* instance, void* given, eh_reason reason) {
  foreign_state* const state = (foreign_state*)given;
  (void)instance, (void)reason;
  if (state->started) pthread_join(state->thread, NULL);
}

static int32_t start(const eh_host* host, const eh_value* values, void** instance) {
  the_host = host;
  values_are_right =
      values[0].integer == 1 && values[1].integer == -7 && values[2].real == 0.25 && values[3].integer == 65536 &&
      values[4].integer == 250000000 && strcmp(values[5].text, "a text") == 0 && values[6].integer == 1 &&
      strcmp(values[7].text, "127.0.0.1:80") == 0 && strcmp(values[8].text, "/etc") == 0 && values[9].text_len == 0;
  *instance = NULL;
  return host->abi_major == EH_ABI_MAJOR && host->size >= sizeof(eh_host) ? 0 : 1;
}

/* One of each type. */
static const eh_option options[] = {
    {.name = "flag", .help = "a flag", .type = EH_FLAG, .fallback = {.integer = 1}},
    {.name = "integer",
     .help = "a number",
     .type = EH_INTEGER,
     .fallback = {.integer = -7},
     .min = {.integer = -10},
     .max = {.integer = 10}},
    {.name = "real", .help = "a real", .type = EH_REAL, .fallback = {.real = 0.25}},
    {.name = "size", .help = "a size", .type = EH_SIZE, .fallback = {.integer = 65536}},
    {.name = "duration", .help = "a duration", .type = EH_DURATION, .fallback = {.integer = 250000000}},
    {.name = "string", .help = "a text", .type = EH_STRING, .fallback = {.text = "a text"}},
    {.name = "choice", .help = "a choice", .choices = "a|b", .type = EH_CHOICE, .fallback = {.integer = 1}},
    {.name = "address", .help = "an address", .type = EH_ADDRESS, .fallback = {.text = "127.0.0.1:80"}},
    {.name = "file", .help = "a file", .type = EH_FILE, .flags = EH_MUST_EXIST, .fallback = {.text = "/etc"}},
    {.name = "secret", .help = "a secret", .type = EH_SECRET},
};

static const eh_hooks hooks = {.size = sizeof(eh_hooks),
                               .flags = 0,
                               .state_size = sizeof(foreign_state),
                               .state_align = 8,
                               .open = NULL,
                               .data = data,
                               .room = NULL,
                               .timer = timer,
                               .wake = wake,
                               .drain = NULL,
                               .close = end};

static const eh_instance instance_table = {
    .size = sizeof(eh_instance), .flags = 0, .start = start, .run = NULL, .tick = NULL, .stop = NULL};

EH_EXPORT const eh_plugin epollhost_plugin = {EH_PLUGIN_HEADER,
                                              .option_count = sizeof options / sizeof *options,
                                              .flags = 0,
                                              .name = "golden",
                                              .version = "1.0.0",
                                              .summary = "built from the first header",
                                              .listen = "127.0.0.1:0",
                                              .socket = NULL,
                                              .options = options,
                                              .instance = &instance_table,
                                              .hooks = &hooks};
