/* Distributed under the Boost Software License, Version 1.0. */
/* Linked into the program that is built with variant=asan: workers and other children end by _exit(2), where the
   sanitizer looks for no leaks. */
#define _GNU_SOURCE
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <sanitizer/lsan_interface.h>

enum { leaked = 23 };

void _exit(int status) {
  /* Who ends for an error leaves its memory as it is. It looks as a debugger does, which nobody may who has changed its
     user. */
  if (status == 0 && prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1 && __lsan_do_recoverable_leak_check()) status = leaked;
  for (;;) syscall(SYS_exit_group, status);
}
