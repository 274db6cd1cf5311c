/* Distributed under the Boost Software License, Version 1.0. */
/* The floor: the least that a server over epoll can do. It counts the ends of requests and sends prepared bytes as
 * often, or with --echo sends back what it reads. No limits, no deadlines, no partial writes: it is a measure, no server.
 *
 *     floor [--echo]      listens on a free port of 127.0.0.1 and prints it */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { events_max = 256, depth_max = 64 };

static const char answer[] = "HTTP/1.1 200 OK\r\nDate: Mon, 23 Nov 2026 12:00:00 GMT\r\nContent-Type: text/plain\r\n"
                             "Content-Length: 13\r\n\r\nHello, world!";
enum { answer_bytes = sizeof answer - 1 };

static char input[65536], output[depth_max * answer_bytes];

static void must(int good, const char* what) {
  if (good) return;
  perror(what);
  exit(1);
}

static int listen_somewhere(void) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t len = sizeof at;
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
  must(fd >= 0, "socket");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  must(bind(fd, (struct sockaddr*)&at, len) == 0, "bind");
  must(listen(fd, 4096) == 0, "listen");
  must(getsockname(fd, (struct sockaddr*)&at, &len) == 0, "getsockname");
  printf("%d\n", ntohs(at.sin_port));
  fflush(stdout);
  return fd;
}

static size_t count_ends(const char* p, size_t n) {
  size_t found = 0;
  for (const char* end = p + n; (p = memmem(p, (size_t)(end - p), "\r\n\r\n", 4)) != NULL; p += 4) ++found;
  return found;
}

int main(int argc, char** argv) {
  const int echo = argc > 1 && strcmp(argv[1], "--echo") == 0;
  for (int i = 0; i < depth_max; ++i) memcpy(output + i * answer_bytes, answer, answer_bytes);
  const int listener = listen_somewhere(), poller = epoll_create1(0);
  struct epoll_event e = {.events = EPOLLIN, .data.fd = listener}, events[events_max];
  must(epoll_ctl(poller, EPOLL_CTL_ADD, listener, &e) == 0, "epoll_ctl");
  for (;;) {
    const int n = epoll_wait(poller, events, events_max, -1);
    for (int i = 0; i < n; ++i) {
      const int fd = events[i].data.fd;
      if (fd == listener) {
        const int peer = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
        if (peer < 0) continue;
        e = (struct epoll_event){.events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data.fd = peer};
        must(epoll_ctl(poller, EPOLL_CTL_ADD, peer, &e) == 0, "epoll_ctl");
        continue;
      }
      const ssize_t got = recv(fd, input, sizeof input, 0);
      if (got <= 0) {
        close(fd);
      } else if (echo) {
        if (send(fd, input, (size_t)got, MSG_NOSIGNAL) != got) close(fd);
      } else {
        const size_t size = count_ends(input, (size_t)got) * answer_bytes;
        const int last = memmem(input, (size_t)got, " HTTP/1.0\r\n", 11) != NULL;
        if ((size > 0 && send(fd, output, size, MSG_NOSIGNAL) != (ssize_t)size) || last) close(fd);
      }
    }
  }
}
