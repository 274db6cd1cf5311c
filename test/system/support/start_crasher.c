/* Distributed under the Boost Software License, Version 1.0. */
/* Loaded with LD_PRELOAD: makes the new program of an upgrade fail at its start, as START_DEED says, in the libc call
 * that makes its epoll set. The program that is gone back to notes in the file START_NOTES whether an interval timer
 * still runs. Neither a --check nor a fresh start is touched. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

static int is_new = 0;

static int deed_is(const char* name) {
  const char* const deed = getenv("START_DEED");
  return deed && strcmp(deed, name) == 0;
}

static void note(const char* text) {
  const int fd = open(getenv("START_NOTES"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0 || write(fd, text, strlen(text)) < 0) abort();
  close(fd);
}

/* A handover that this program does not understand. */
static void damage(void) {
  const char text[] = "\017\0\0\0\0\0\0\0another program";
  const int fd = memfd_create("another format", 0);
  char number[16];
  if (fd < 0 || write(fd, text, sizeof text - 1) != sizeof text - 1) abort();
  snprintf(number, sizeof number, "%d", fd);
  setenv("_EPOLLHOST_HANDOVER", number, 1);
}

__attribute__((constructor)) static void begin(void) {
  if (!getenv("_EPOLLHOST_HANDOVER")) return;
  if (getenv("_EPOLLHOST_RETURNED")) {
    struct itimerval left;
    getitimer(ITIMER_REAL, &left);
    note(left.it_value.tv_sec || left.it_value.tv_usec ? "the timer runs\n" : "no timer\n");
    return;
  }
  is_new = getenv("START_DEED") != NULL;
  if (deed_is("format")) damage();
}

static int deep(const char* above) {
  char here[4096];
  memset(here, above ? above[0] : 0, sizeof here);
  return getpid() == 0 ? 0 : deep(here) + here[0];
}

__attribute__((visibility("default"))) int epoll_create1(int flags) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "epoll_create1");
  if (!is_new) return real(flags);
  is_new = 0;
  if (deed_is("segv")) *(volatile int*)getenv("START_NOWHERE") = 1;
  if (deed_is("abort")) abort();
  if (deed_is("exit")) exit(9);
  if (deed_is("overflow")) return deep(NULL);
  if (deed_is("hang")) {
    note("it hangs\n");
    for (;;) pause();
  }
  return real(flags);
}
