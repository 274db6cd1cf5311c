/* Distributed under the Boost Software License, Version 1.0. */
/* Relays each client to a server, both ways, by hand. Right as it stands; each PLANT_ makes it wrong in one point, in
 * ways that are known of relays and connectors, and the simulator has to find it. */
#include <epollhost/plugin.h>

#include <stddef.h>

#define SECOND INT64_C(1000000000)

enum { SERVER_FAILED = 1, OTHER_ENDED = 2 }; /* what wakes a side */

/* The two sides of a relay. It is in use until both have ended. */
struct pair {
  eh_conn_id client, server;
  unsigned sides;
  struct pair* next; /* of those that are not in use */
};

struct side {
  struct pair* pair;
  unsigned opened, input_ended, output_ended;
  unsigned done;       /* both have, and what is left is to be sent */
  struct side* server; /* PLANT_FAILED_STATE */
};

static const eh_host* host;
static uint64_t high;                  /* as much may wait for a side that is slow */
static eh_conn_id client_in_slot[256]; /* PLANT_WRONG_CLIENT */

static struct pair pairs[256], *unused;

static void put_back(struct pair* p) {
  p->next = unused;
  unused = p;
}

static struct pair* take_pair(void) {
  struct pair* const p = unused;
  if (p) unused = p->next;
  return p;
}

static eh_conn_id other_of(const struct side* s, eh_conn_id self) {
#ifdef PLANT_WRONG_CLIENT
  if (self != s->pair->client) return client_in_slot[s->pair->client & 0xff];
#endif
  return self == s->pair->client ? s->pair->server : s->pair->client;
}

static eh_next data(void* instance, void* state, eh_io* io) {
  struct side* const s = state;
  const eh_conn_id other = other_of(s, io->conn);
  (void)instance;
  io->deadline_ns = io->now_ns + 8 * SECOND;
#ifdef PLANT_ONE_WAY
  if (io->conn == s->pair->server) io->in_used = io->in_len; /* nobody hears what servers say */
#endif
  if (io->in_len > io->in_used) {
    const int64_t waits = host->queued(host, other);
#ifdef PLANT_DROPPED
    if (waits > (int64_t)high) return io->in_used = io->in_len, EH_KEEP;
#endif
    if (waits > (int64_t)high) return EH_PAUSE | EH_HALF_OPEN; /* until the other side's `room` */
    if (waits < 0 || host->write(host, other, io->in, io->in_len) != EH_OK) return EH_ABORT;
    io->in_used = io->in_len;
  }
  if (!(io->flags & EH_IN_END)) return EH_KEEP;
  s->input_ended = 1;
#ifdef PLANT_EARLY_END
  host->close(host, other, EH_CLOSE); /* though it may have much to say */
#endif
#ifndef PLANT_LOST_END
  host->wake(host, other, OTHER_ENDED);
#endif
  s->done = s->output_ended;
  return s->done ? EH_KEEP : EH_HALF_OPEN;
}

static eh_next room(void* instance, void* state, eh_io* io) {
  (void)instance;
  host->resume(host, other_of(state, io->conn));
  return EH_KEEP;
}

static eh_next wake(void* instance, void* state, eh_io* io) {
  struct side* const s = state;
  (void)instance;
  if (io->arg == SERVER_FAILED) {
#ifdef PLANT_FAILED_STATE
    if (s->server->opened) return EH_KEEP;
#endif
    return EH_ABORT;
  }
  s->output_ended = 1;
  s->done = s->input_ended;
  return s->done ? EH_CLOSE : EH_FINISH;
}

static eh_next timer(void* instance, void* state, eh_io* io) {
  (void)instance;
  (void)state;
  (void)io;
  return EH_ABORT; /* nobody has said anything for so long */
}

static void leave(struct pair* p) {
#ifdef PLANT_DOUBLE_END
  put_back(p); /* each side ends both */
#else
  if (--p->sides == 0) put_back(p);
#endif
}

static void client_close(void* instance, void* state, eh_reason reason) {
  struct side* const s = state;
  (void)instance;
  (void)reason;
  if (!s->pair) return;
#ifndef PLANT_WRONG_CLIENT
  if (!s->done) host->close(host, s->pair->server, EH_ABORT); /* which may still be being made */
#endif
  leave(s->pair);
}

static void server_close(void* instance, void* state, eh_reason reason) {
  struct side* const s = state;
  (void)instance;
  (void)reason;
#ifndef PLANT_FAILURE_UNTOLD
  if (!s->opened) host->wake(host, s->pair->client, SERVER_FAILED);
#endif
  if (s->opened && !s->done) host->close(host, s->pair->client, EH_ABORT);
  leave(s->pair);
}

static eh_next server_open(void* instance, void* state, eh_io* io) {
  struct side* const s = state;
  (void)instance;
  s->opened = 1;
  io->deadline_ns = io->now_ns + 8 * SECOND;
  host->resume(host, s->pair->client);
  return EH_KEEP;
}

static const eh_hooks server_hooks = {.size = sizeof(eh_hooks),
                                      .flags = EH_DUPLEX,
                                      .state_size = sizeof(struct side),
                                      .open = server_open,
                                      .data = data,
                                      .room = room,
                                      .timer = timer,
                                      .wake = wake,
                                      .close = server_close};

/* A client is not read before its server is there. */
static eh_next client_open(void* instance, void* state, eh_io* io) {
  struct side *const s = state, *server = NULL;
  eh_connect how = {.size = sizeof how, .address = "192.0.2.1:80", .hooks = &server_hooks, .timeout_ns = 3 * SECOND};
  (void)instance;
#ifdef PLANT_NO_DEADLINE
  how.timeout_ns = 3600 * SECOND;
#endif
  struct pair* const p = take_pair();
  if (!p) return EH_ABORT;
  p->client = client_in_slot[io->conn & 0xff] = io->conn;
  if (host->connect(host, &how, &p->server, (void**)&server) != EH_OK) return put_back(p), EH_ABORT;
  p->sides = 2;
  s->pair = server->pair = p;
  s->server = server;
  s->opened = 1;
  return EH_PAUSE;
}

static int32_t start(const eh_host* h, const eh_value* values, void** instance) {
  const eh_limits* const limits = h->get_extension(h, EH_LIMITS);
  (void)values;
  (void)instance;
  host = h;
  high = limits->output_high;
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; ++i) put_back(&pairs[i]);
  return 0;
}

static const eh_instance instance = {.size = sizeof(eh_instance), .start = start};
static const eh_hooks hooks = {.size = sizeof(eh_hooks),
                               .flags = EH_DUPLEX,
                               .state_size = sizeof(struct side),
                               .open = client_open,
                               .data = data,
                               .room = room,
                               .timer = timer,
                               .wake = wake,
                               .close = client_close};

EH_EXPORT const eh_plugin epollhost_plugin = {EH_PLUGIN_HEADER,    .name = "relay", .version = "1.0.0",
                                              .summary = "relays", .listen = ":0",  .instance = &instance,
                                              .hooks = &hooks};
