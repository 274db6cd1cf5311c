/* Distributed under the Boost Software License, Version 1.0. */
/* A plugin in the part of C that C++ shares: arms timers, posts from a thread of its own, asks on which thread it is.
 */
#include <epollhost/plugin.h>

#include <pthread.h>
#include <string.h>

#ifdef __cplusplus
#include <stdexcept>
#include <string>

/* With the plugin's own copy of the C++ library, perhaps, beside that of the host. */
static int catches_what_it_throws() {
  try {
    throw std::runtime_error(std::string(100, 'x'));
  } catch (const std::exception& e) {
    return strlen(e.what()) == 100;
  }
}
#else
static int catches_what_it_throws(void) { return 1; }
#endif

typedef struct foreign_state {
  pthread_t thread;
  uint64_t started;
  int32_t there; /* what on_worker said on the other thread */
  eh_conn_id conn;
} foreign_state;

static const eh_host* the_host;

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
  (void)values;
  the_host = host;
  *instance = NULL;
  return catches_what_it_throws() && host->abi_major == EH_ABI_MAJOR && host->size >= sizeof(eh_host) ? 0 : 1;
}

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

#ifdef __cplusplus
extern "C"
#endif
    EH_EXPORT const eh_plugin epollhost_plugin = {EH_PLUGIN_HEADER,
                                                  .option_count = 0,
                                                  .flags = 0,
                                                  .name = "foreign",
                                                  .version = "1.0.0",
                                                  .summary = "built by others",
                                                  .listen = "127.0.0.1:0",
                                                  .socket = NULL,
                                                  .options = NULL,
                                                  .instance = &instance_table,
                                                  .hooks = &hooks};
