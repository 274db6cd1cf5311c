/* Distributed under the Boost Software License, Version 1.0. */
/* The floor's work over libuv, as its users write it.
 *
 *     uv_server [--echo]      listens on a free port of 127.0.0.1 and prints it */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

enum { depth_max = 64 };

static const char answer[] = "HTTP/1.1 200 OK\r\nDate: Mon, 23 Nov 2026 12:00:00 GMT\r\nContent-Type: text/plain\r\n"
                             "Content-Length: 13\r\n\r\nHello, world!";
enum { answer_bytes = sizeof answer - 1 };

static char input[65536], output[depth_max * answer_bytes];
static int echo;

static void lend_buffer(uv_handle_t* handle, size_t suggested, uv_buf_t* buffer) {
  (void)handle, (void)suggested;
  *buffer = uv_buf_init(input, sizeof input);
}

static void freed(uv_handle_t* handle) { free(handle); }

static void on_read(uv_stream_t* peer, ssize_t got, const uv_buf_t* buffer) {
  if (got == 0) return;
  if (got < 0) return uv_close((uv_handle_t*)peer, freed);
  size_t size = 0;
  const char *at = buffer->base, *end = buffer->base + got;
  for (; !echo && (at = memmem(at, (size_t)(end - at), "\r\n\r\n", 4)) != NULL; at += 4) size += answer_bytes;
  uv_buf_t out = uv_buf_init(echo ? input : output, (unsigned)(echo ? (size_t)got : size));
  const int last = !echo && memmem(input, (size_t)got, " HTTP/1.0\r\n", 11) != NULL;
  if ((out.len > 0 && uv_try_write(peer, &out, 1) != (int)out.len) || last) uv_close((uv_handle_t*)peer, freed);
}

static void on_connection(uv_stream_t* listener, int status) {
  if (status < 0) return;
  uv_tcp_t* const peer = malloc(sizeof *peer);
  uv_tcp_init(listener->loop, peer);
  if (uv_accept(listener, (uv_stream_t*)peer) != 0) return uv_close((uv_handle_t*)peer, freed);
  uv_tcp_nodelay(peer, 1);
  uv_read_start((uv_stream_t*)peer, lend_buffer, on_read);
}

int main(int argc, char** argv) {
  echo = argc > 1 && strcmp(argv[1], "--echo") == 0;
  for (int i = 0; i < depth_max; ++i) memcpy(output + i * answer_bytes, answer, answer_bytes);
  uv_tcp_t listener;
  struct sockaddr_in at;
  int len = sizeof at;
  uv_tcp_init(uv_default_loop(), &listener);
  uv_ip4_addr("127.0.0.1", 0, &at);
  if (uv_tcp_bind(&listener, (struct sockaddr*)&at, 0) != 0) return 1;
  if (uv_listen((uv_stream_t*)&listener, 4096, on_connection) != 0) return 1;
  uv_tcp_getsockname(&listener, (struct sockaddr*)&at, &len);
  printf("%d\n", ntohs(at.sin_port));
  fflush(stdout);
  return uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
