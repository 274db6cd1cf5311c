/* Distributed under the Boost Software License, Version 1.0. */
/* The floor's work over libevent's bufferevents, as its users write it.
 *
 *     event_server [--echo]      listens on a free port of 127.0.0.1 and prints it */
#define _GNU_SOURCE
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char answer[] = "HTTP/1.1 200 OK\r\nDate: Mon, 23 Nov 2026 12:00:00 GMT\r\nContent-Type: text/plain\r\n"
                             "Content-Length: 13\r\n\r\nHello, world!";
enum { answer_bytes = sizeof answer - 1 };

static int echo;

static void after_last(struct bufferevent* peer, void* context) {
  (void)context;
  if (evbuffer_get_length(bufferevent_get_output(peer)) == 0) bufferevent_free(peer);
}

static void on_event(struct bufferevent* peer, short what, void* context) {
  (void)context;
  if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) bufferevent_free(peer);
}

static void on_read(struct bufferevent* peer, void* context) {
  struct evbuffer *in = bufferevent_get_input(peer), *out = bufferevent_get_output(peer);
  (void)context;
  if (echo) {
    evbuffer_add_buffer(out, in);
    return;
  }
  const int last = evbuffer_search(in, " HTTP/1.0\r\n", 11, NULL).pos >= 0;
  for (struct evbuffer_ptr end; (end = evbuffer_search(in, "\r\n\r\n", 4, NULL)).pos >= 0;) {
    evbuffer_drain(in, (size_t)end.pos + 4);
    evbuffer_add_reference(out, answer, answer_bytes, NULL, NULL);
  }
  if (last) bufferevent_setcb(peer, NULL, after_last, on_event, NULL);
}

static void on_connection(struct evconnlistener* listener, evutil_socket_t fd, struct sockaddr* from, int len, void* c) {
  (void)from, (void)len, (void)c;
  struct bufferevent* const peer =
      bufferevent_socket_new(evconnlistener_get_base(listener), fd, BEV_OPT_CLOSE_ON_FREE);
  bufferevent_setcb(peer, on_read, NULL, on_event, NULL);
  bufferevent_enable(peer, EV_READ | EV_WRITE);
}

int main(int argc, char** argv) {
  echo = argc > 1 && strcmp(argv[1], "--echo") == 0;
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t len = sizeof at;
  struct event_base* const base = event_base_new();
  struct evconnlistener* const listener = evconnlistener_new_bind(
      base, on_connection, NULL, LEV_OPT_CLOSE_ON_FREE, 4096, (struct sockaddr*)&at, sizeof at);
  if (!listener || getsockname(evconnlistener_get_fd(listener), (struct sockaddr*)&at, &len) != 0) return 1;
  printf("%d\n", ntohs(at.sin_port));
  fflush(stdout);
  return event_base_dispatch(base);
}
