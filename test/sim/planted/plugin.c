/* Distributed under the Boost Software License, Version 1.0. */
/* Answers each line with itself in capitals. Right as it stands; each PLANT_ makes it wrong in one point, in ways that
 * are known from bug trackers, and the simulator has to find it. */
#include <epollhost/plugin.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

struct state {
  uint64_t lines;
  struct state* before; /* PLANT_USE_AFTER_CLOSE */
  const char* kept;     /* PLANT_KEPT_INPUT */
  uint64_t kept_len;
};

static uint64_t capitals(char* to, const char* from, uint64_t len) {
  for (uint64_t i = 0; i < len; ++i) to[i] = from[i] >= 'a' && from[i] <= 'z' ? (char)(from[i] - 32) : from[i];
  return len;
}

/* The bytes up to the end of the first line, or 0 if there is none. */
static uint64_t line_length(const eh_io* io) {
  const char* const rest = io->in + io->in_used;
  const uint64_t len = io->in_len - io->in_used;
#ifdef PLANT_SPLIT
  return len; /* what comes at once is a line */
#endif
#ifdef PLANT_SPLIT_END
  const char* const cr = len ? memchr(rest, '\r', len) : NULL; /* and the \n will be behind it */
  if (cr) return (uint64_t)(cr - rest) + (cr + 1 < rest + len && cr[1] == '\n' ? 2 : 1);
#endif
#ifdef PLANT_OVERREAD
  if (rest[len] == '\n') return len + 1;
#endif
  const char* const end = len ? memchr(rest, '\n', len) : NULL;
  return end ? (uint64_t)(end - rest) + 1 : 0;
}

static void answer(struct state* s, eh_io* io, uint64_t len) {
  uint64_t room = io->out_cap - io->out_used;
  const char* from = io->in + io->in_used;
  (void)s;
#ifdef PLANT_SHARED_STATE
  static uint64_t all; /* of every connection: each third line of them is not answered */
  if (++all % 3 == 0) room = 0;
#endif
#ifdef PLANT_KEPT_INPUT
  if (s->kept && s->kept_len <= len) from = memcmp(s->kept, from, s->kept_len) ? s->kept : from;
  if (!s->kept) s->kept = from, s->kept_len = len < 8 ? len : 8;
#endif
  io->out_used += capitals(io->out + io->out_used, from, len < room ? len : room);
  io->in_used += len;
#ifdef PLANT_SPLIT_END
  if (from[len - 1] == '\r' && io->out_cap > io->out_used) io->out[io->out_used++] = '\n';
#endif
#ifdef PLANT_SPLIT
  if (io->out_cap > io->out_used) io->out[io->out_used++] = '.';
#endif
}

static eh_next data(void* instance, void* state, eh_io* io) {
  struct state* const s = state;
  (void)instance;
#ifdef PLANT_USE_AFTER_CLOSE
  if (s->before) ++s->before->lines;
#endif
  for (uint64_t len; (len = line_length(io)) > 0; ++s->lines) {
#ifndef PLANT_LOST_OUTPUT
    if (len > EH_OUT_MIN) return EH_CLOSE | EH_LINGER;    /* no such lines here */
    if (len > io->out_cap - io->out_used) return EH_KEEP; /* it comes again */
#endif
    answer(s, io, len);
#ifdef PLANT_CLOCK
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    io->deadline_ns = io->now_ns + t.tv_nsec;
#endif
  }
#ifdef PLANT_OVERCONSUME
  if (io->in_len - io->in_used > 100) io->in_used = io->in_len + 1;
#endif
  if (!(io->flags & EH_IN_END)) return EH_KEEP;
#ifdef PLANT_NEVER_ENDS
  if (s->lines > 3) return EH_HALF_OPEN;
#endif
#ifdef PLANT_ABORT
  return EH_ABORT;
#endif
#ifdef PLANT_DOUBLE_FREE
  free(*(void**)&s->before);
#endif
  return EH_KEEP;
}

static eh_next start(void* instance, void* state, eh_io* io) {
  struct state* const s = state;
  (void)instance;
  (void)io;
#ifdef PLANT_USE_AFTER_CLOSE
  static struct state* last;
  s->before = last;
  last = s;
#endif
#ifdef PLANT_LEAK
  s->kept = malloc(32768);
  if (s->kept) memset((char*)s->kept, 1, 32768);
#endif
#ifdef PLANT_DOUBLE_FREE
  s->before = malloc(sizeof *s);
#endif
#ifdef PLANT_SPIN
  io->deadline_ns = io->now_ns;
#endif
  s->lines = 0;
  return EH_KEEP;
}

static eh_next timer(void* instance, void* state, eh_io* io) {
  (void)instance;
  (void)state;
#ifdef PLANT_SPIN
  io->deadline_ns = io->now_ns; /* as often as possible */
#else
  (void)io;
#endif
  return EH_KEEP;
}

static void end(void* instance, void* state, eh_reason reason) {
  (void)instance;
  (void)state;
  (void)reason;
#ifdef PLANT_DOUBLE_FREE
  free(*(void**)&((struct state*)state)->before);
#endif
}

static const eh_hooks hooks = {.size = sizeof(eh_hooks),
                               .state_size = sizeof(struct state),
                               .open = start,
                               .data = data,
                               .timer = timer,
                               .close = end};

EH_EXPORT const eh_plugin epollhost_plugin = {EH_PLUGIN_HEADER,      .name = "planted", .version = "1.0.0",
                                              .summary = "capitals", .listen = ":0",    .hooks = &hooks};
