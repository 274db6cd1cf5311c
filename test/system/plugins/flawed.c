/* Distributed under the Boost Software License, Version 1.0. */
/* An echo with one flaw, named by a macro at build time; with none it is as it should be. */
#include <epollhost/plugin.h>

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef TABLE
#define TABLE epollhost_plugin
#endif

struct state {
  char kept[13]; /* no multiple of its alignment: there is room behind it */
};

static const eh_host* host;
static const char* held;
static volatile char sink;
static char shared_bytes[] = "shared";

#ifdef EXPORTS
EH_EXPORT int another_name(void) { return 1; }
#endif
#ifdef UNIQUE
__asm__(".data\n.globl one_for_all\n.type one_for_all, @gnu_unique_object\none_for_all: .quad 0\n.size one_for_all, "
        "8\n.text");
#endif
#ifdef TEXTREL
__asm__(".text\n.quad stdout\n");
#endif
#ifdef CONSTRUCTOR
__attribute__((constructor)) static void early(void) { sink = 1; }
#endif
#ifdef OTHER
extern int other(void);
#endif
#ifdef STATIC_TLS
static __thread __attribute__((tls_model("initial-exec"))) int counter;
#endif

#if defined WRONG_THREAD || defined AFTER_STOP || defined START_THREAD
static volatile int ending;
static pthread_t thread;
static void* work(void* nothing) {
#ifdef WRONG_THREAD
  host->write(host, 1, "x", 1);
#endif
#ifdef AFTER_STOP
  ending = 0;
#endif
  while (!ending) usleep(1000);
  return nothing;
}
#endif

static int32_t start(const eh_host* given, const eh_value* values, void** instance) {
  (void)values;
  host = given;
  *instance = NULL;
#ifdef START_THREAD
  ending = 0;
  pthread_create(&thread, NULL, work, NULL);
#endif
#ifdef START_FILE
  sink = (char)open("/dev/null", O_RDONLY);
#endif
#ifdef ATEXIT
  atexit(NULL + 0 ? NULL : (void (*)(void))abort);
#endif
  return 0;
}

static void run(void* instance) {
  (void)instance;
#if defined WRONG_THREAD || defined AFTER_STOP
  ending = 0;
  pthread_create(&thread, NULL, work, NULL);
#endif
}

static void stop(void* instance) {
  (void)instance;
#if defined WRONG_THREAD || defined START_THREAD
  ending = 1;
  pthread_join(thread, NULL);
#endif
}

#ifdef NEVER_RESTS
static eh_next wake(void* instance, void* state, eh_io* io) {
  (void)instance, (void)state;
  host->wake(host, io->conn, 1);
  return EH_KEEP;
}
#endif

static eh_next data(void* instance, void* state, eh_io* io) {
  uint64_t n = io->in_len < io->out_cap ? io->in_len : io->out_cap;
  (void)instance, (void)state;
#ifdef OTHER
  sink = (char)other();
#endif
#ifdef STATIC_TLS
  sink = (char)++counter;
#endif
#ifdef CRASH
  if (n > 0 && io->in[0] == '{') *(volatile int*)NULL = 1;
#endif
#ifdef HANG
  while (n > 0 && io->in[0] == '{') sink = 1;
#endif
#ifdef HELD_POINTER
  if (held) sink = *held;
#endif
#ifdef READ_PAST_INPUT
  if (n > 0) sink = (char)strlen(io->in);
#endif
#ifdef WROTE_INPUT
  if (n > 0) *(char*)(uintptr_t)io->in = 'x';
#endif
#ifdef WROTE_PAST_OUTPUT
  io->out[io->out_cap] = 'x';
#endif
#ifdef STATE_OVERFLOW
  memset(state, 1, sizeof(struct state) + 1);
#endif
#ifdef NEVER_RESTS
  host->wake(host, io->conn, 1);
#endif
#ifdef INVALID_ARGUMENT
  host->timer_start(host, io->conn, io->now_ns, 0);
#endif
#ifdef CHANGED_REFERENCE
  ++shared_bytes[0];
  host->write_ref(host, io->conn, shared_bytes, 6, NULL, NULL);
  if (n > io->out_cap) n = io->out_cap;
#endif
#ifdef UNWRITTEN_OUTPUT
  io->in_used = n;
  io->out_used = n;
  return EH_KEEP;
#endif
  if (n > 0) memcpy(io->out, io->in, n);
  io->in_used = n;
  io->out_used = n;
  if (n > 0) held = io->in; /* else it lies behind the input, which is another flaw */
#ifdef IN_USED
  ++io->in_used;
#endif
#ifdef OUT_USED
  io->out_used = io->out_cap + 1;
#endif
#ifdef DEPENDS_ON_CUTS
  if (n < io->out_cap) io->out[io->out_used++] = '.';
#endif
#ifdef FAILED
  if (n > 3) return EH_FAIL;
#endif
#ifdef ANSWER
  return 17 << 8;
#endif
  sink = shared_bytes[1];
  return EH_KEEP;
}

static const eh_instance instance = {.size = sizeof instance, .start = start, .run = run, .stop = stop};

static const eh_hooks hooks = {
    .size = sizeof hooks,
    .state_size = sizeof(struct state),
    .state_align = 8,
    .data = data,
#ifdef NEVER_RESTS
    .wake = wake,
#endif
};

extern EH_EXPORT const eh_plugin TABLE;
const eh_plugin TABLE = {
    EH_PLUGIN_HEADER,  .name = "flawed",      .version = "1.0.0", .summary = "sends every byte back, but for one flaw",
    .listen = ":7000", .instance = &instance, .hooks = &hooks,
};
