/* Distributed under the Boost Software License, Version 1.0. */
/* Does in a child process, whose words and end nobody looks at, what a sanitizer has to report. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int shared;

static void* add(void* nothing) {
  for (int i = 0; i < 1000; ++i) ++shared;
  return nothing;
}

static void race(void) {
  pthread_t other;
  if (pthread_create(&other, NULL, add, NULL) != 0) return;
  add(NULL);
  pthread_join(other, NULL);
}

static void overflow(void) {
  volatile char* const few = malloc(8);
  volatile int behind = 8;
  if (few) few[behind] = 1;
}

static void leak(void) {
  void* volatile only = malloc(100);
  if (only) only = NULL;
}

static void undefined(void) {
  volatile int bits = 40;
  volatile int wrong = 1 << bits;
  (void)wrong;
}

int main(int argc, char** argv) {
  static const struct {
    const char* name;
    void (*does)(void);
  } deeds[] = {{"race", race}, {"overflow", overflow}, {"leak", leak}, {"undefined", undefined}};
  const pid_t child = fork();
  if (child != 0) return child < 0 || waitpid(child, NULL, 0) != child;
  const int nowhere = open("/dev/null", O_WRONLY);
  dup2(nowhere, STDOUT_FILENO);
  dup2(nowhere, STDERR_FILENO);
  for (size_t i = 0; argc > 1 && i < sizeof deeds / sizeof *deeds; ++i)
    if (strcmp(argv[1], deeds[i].name) == 0) deeds[i].does();
  _exit(0);
}
