/* Distributed under the Boost Software License, Version 1.0. */
/* Linked into what is built with variant=counted: processes that end by _exit(2), by a signal, or as another program
   leave their counts, too. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <gcov.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* What is written here is no call of the program: the fault sweep's library, where it is loaded, does not fail it. */
static void let_faults_rest(int yes) {
  void (*const rest)(int) = (void (*)(int))dlsym(RTLD_DEFAULT, "faults_rest");
  if (rest) rest(yes);
}

static void flush(void) {
  let_faults_rest(1);
  __gcov_dump();
  __gcov_reset(); /* who goes on after all counts anew */
  let_faults_rest(0);
}

/* A process that ends by exit(3) writes its counts behind this. Without the lock of a file, which is a call, it would
   write over those of others. */
__attribute__((destructor)) static void at_exit(void) { let_faults_rest(1); }

void _exit(int status) {
  flush();
  for (;;) syscall(SYS_exit_group, status);
}

int execv(const char* path, char* const words[]) {
  flush();
  return REAL(execv)(path, words);
}

int execvp(const char* name, char* const words[]) {
  flush();
  return REAL(execvp)(name, words);
}

int fexecve(int fd, char* const words[], char* const environment[]) {
  flush();
  return REAL(fexecve)(fd, words, environment);
}

/* The handler of a crash gives the signal back before it dies of it. */
int sigaction(int signal, const struct sigaction* now, struct sigaction* before) {
  struct sigaction had;
  const int handled = signal < SIGRTMIN && REAL(sigaction)(signal, NULL, &had) == 0 && had.sa_flags & SA_SIGINFO;
  if (handled && now && !(now->sa_flags & SA_SIGINFO) && now->sa_handler == SIG_DFL) flush();
  return REAL(sigaction)(signal, now, before);
}
