/* Distributed under the Boost Software License, Version 1.0. */
/* Preloaded into the program, counts its calls of each kind and fails those that the plan names. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

#define CALL(name) kind_##name,
enum kind {
#include "calls.h"
  kinds
};
#undef CALL

/* Which process calls. A child is one until it takes a name: trials of plugins always, workers and the log at first. */
enum process { main_process, child_process, worker_process, log_process, processes };

/* What the sweep and all processes of the program share: the file that FAULT_BOARD names. */
struct board {
  uint32_t kind, process, first, times, error; /* the plan: calls first .. first + times - 1 fail; first 0: none */
  uint32_t fired;                              /* calls that were failed */
  uint32_t port;                               /* of the last TCP socket that was made to listen */
  uint32_t counts[processes][kinds];
};

extern void* __libc_malloc(size_t);
extern void* __libc_calloc(size_t, size_t);
extern void* __libc_realloc(void*, size_t);
extern void* __libc_memalign(size_t, size_t);

static struct board* board; /* set when main() begins: what the loader and the libraries' start do is not ours */
static enum process self = main_process;

static int fails(enum kind kind) {
  struct board* const b = board;
  if (!b) return 0;
  const uint32_t n = __atomic_add_fetch(&b->counts[self][kind], 1, __ATOMIC_SEQ_CST);
  const uint32_t first = __atomic_load_n(&b->first, __ATOMIC_SEQ_CST);
  if (!first || b->kind != (uint32_t)kind || b->process != (uint32_t)self || n < first || n - first >= b->times)
    return 0;
  __atomic_add_fetch(&b->fired, 1, __ATOMIC_SEQ_CST);
  errno = (int)b->error;
  return 1;
}

/* ---- the start */

static int (*real_main)(int, char**, char**);

static int counted_main(int argc, char** argv, char** environment) {
  const char* const name = getenv("FAULT_BOARD");
  const int fd = name ? open(name, O_RDWR | O_CLOEXEC) : -1;
  if (fd < 0) abort();
  void* const at = mmap(NULL, sizeof(struct board), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (at == MAP_FAILED) abort();
  board = at;
  const int status = real_main(argc, argv, environment);
  board = NULL;
  return status;
}

/* For what has to work unharmed, though it is in the program: while it does, nothing is counted or failed. */
EXPORT void faults_rest(int resting) {
  static struct board* resting_board;
  if (resting) resting_board = board;
  board = resting ? NULL : resting_board;
}

typedef int start_main(int (*)(int, char**, char**), int, char**, void (*)(void), void (*)(void), void (*)(void),
                       void*);

EXPORT int __libc_start_main(int (*main)(int, char**, char**), int argc, char** argv, void (*init)(void),
                             void (*fini)(void), void (*end)(void), void* stack) {
  real_main = main;
  start_main* const real = (start_main*)dlsym(RTLD_NEXT, "__libc_start_main");
  return real(counted_main, argc, argv, init, fini, end, stack);
}

/* ---- memory */

EXPORT void* malloc(size_t size) { return fails(kind_allocate) ? NULL : __libc_malloc(size); }
EXPORT void* calloc(size_t n, size_t size) { return fails(kind_allocate) ? NULL : __libc_calloc(n, size); }
EXPORT void* realloc(void* old, size_t size) { return fails(kind_allocate) ? NULL : __libc_realloc(old, size); }
EXPORT void* memalign(size_t to, size_t size) { return fails(kind_allocate) ? NULL : __libc_memalign(to, size); }
EXPORT void* aligned_alloc(size_t to, size_t size) { return memalign(to, size); }

EXPORT int posix_memalign(void** at, size_t to, size_t size) {
  void* const got = memalign(to, size);
  if (!got) return ENOMEM;
  *at = got;
  return 0;
}

/* ---- calls */

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
/* dlsym() once for each: it takes a lock, and a signal handler may call us. */
#define WRAP_OR(value, result, name, parameters, arguments)                                                            \
  EXPORT result name parameters {                                                                                      \
    static __typeof__(&name) real;                                                                                     \
    if (!real) real = REAL(name);                                                                                      \
    return fails(kind_##name) ? (result)(value) : real arguments;                                                      \
  }
#define WRAP(result, name, parameters, arguments) WRAP_OR(-1, result, name, parameters, arguments)

/* One that says that the connection is over: then it is, and epoll says so too. */
static ssize_t say(int fd) {
  const int error = errno;
  if (error == EPIPE || error == ECONNRESET || error == ETIMEDOUT || error == EHOSTUNREACH || error == ECONNREFUSED)
    REAL(shutdown)(fd, SHUT_RDWR);
  errno = error;
  return -1;
}
#define WRAP_CONNECTED(name, fd, parameters, arguments)                                                                \
  EXPORT ssize_t name parameters {                                                                                     \
    static __typeof__(&name) real;                                                                                     \
    if (!real) real = REAL(name);                                                                                      \
    return fails(kind_##name) ? say(fd) : real arguments;                                                              \
  }

WRAP(int, socket, (int domain, int type, int protocol), (domain, type, protocol))
WRAP(int, bind, (int fd, const struct sockaddr* at, socklen_t size), (fd, at, size))
WRAP(int, accept4, (int fd, struct sockaddr* at, socklen_t* size, int flags), (fd, at, size, flags))
WRAP(int, connect, (int fd, const struct sockaddr* at, socklen_t size), (fd, at, size))
WRAP(int, shutdown, (int fd, int how), (fd, how))
WRAP(int, socketpair, (int domain, int type, int protocol, int ends[2]), (domain, type, protocol, ends))
WRAP(int, getsockname, (int fd, struct sockaddr* at, socklen_t* size), (fd, at, size))
WRAP(int, getpeername, (int fd, struct sockaddr* at, socklen_t* size), (fd, at, size))
WRAP(int, getsockopt, (int fd, int level, int name, void* at, socklen_t* size), (fd, level, name, at, size))
WRAP(int, setsockopt, (int fd, int level, int name, const void* at, socklen_t size), (fd, level, name, at, size))
WRAP_CONNECTED(send, fd, (int fd, const void* at, size_t size, int flags), (fd, at, size, flags))
WRAP(ssize_t, sendto, (int fd, const void* at, size_t size, int flags, const struct sockaddr* to, socklen_t n),
     (fd, at, size, flags, to, n))
WRAP_CONNECTED(sendmsg, fd, (int fd, const struct msghdr* m, int flags), (fd, m, flags))
WRAP_CONNECTED(recv, fd, (int fd, void* at, size_t size, int flags), (fd, at, size, flags))
WRAP_CONNECTED(recvmsg, fd, (int fd, struct msghdr* m, int flags), (fd, m, flags))
WRAP_CONNECTED(sendfile, to, (int to, int from, off_t* at, size_t size), (to, from, at, size))
WRAP(ssize_t, splice, (int from, off64_t* at, int to, off64_t* to_at, size_t size, unsigned flags),
     (from, at, to, to_at, size, flags))
WRAP(int, epoll_create1, (int flags), (flags))
WRAP(int, epoll_wait, (int set, struct epoll_event* e, int n, int timeout), (set, e, n, timeout))
WRAP(int, poll, (struct pollfd * p, nfds_t n, int timeout), (p, n, timeout))
WRAP(int, eventfd, (unsigned value, int flags), (value, flags))
WRAP(int, eventfd_write, (int fd, eventfd_t value), (fd, value))
WRAP(int, signalfd, (int fd, const sigset_t* set, int flags), (fd, set, flags))
WRAP(int, pipe2, (int ends[2], int flags), (ends, flags))
WRAP(int, memfd_create, (const char* name, unsigned flags), (name, flags))
WRAP(ssize_t, read, (int fd, void* at, size_t size), (fd, at, size))
WRAP(ssize_t, write, (int fd, const void* at, size_t size), (fd, at, size))
WRAP(ssize_t, pread, (int fd, void* at, size_t size, off_t from), (fd, at, size, from))
WRAP_OR(0, FILE*, fopen, (const char* name, const char* mode), (name, mode))
WRAP_OR(0, DIR*, fdopendir, (int fd), (fd))
WRAP(int, close_range, (unsigned from, unsigned to, int flags), (from, to, flags))
WRAP(int, dup, (int fd), (fd))
WRAP(int, dup2, (int fd, int to), (fd, to))
WRAP(int, fstat, (int fd, struct stat* s), (fd, s))
WRAP(int, stat, (const char* path, struct stat* s), (path, s))
WRAP(int, lstat, (const char* path, struct stat* s), (path, s))
WRAP(int, ftruncate, (int fd, off_t size), (fd, size))
WRAP(int, fchmod, (int fd, mode_t mode), (fd, mode))
WRAP(int, chmod, (const char* path, mode_t mode), (path, mode))
WRAP(int, unlink, (const char* path), (path))
WRAP(int, rename, (const char* from, const char* to), (from, to))
WRAP_OR(0, char*, realpath, (const char* path, char* to), (path, to))
WRAP(ssize_t, readlink, (const char* path, char* to, size_t size), (path, to, size))
WRAP(int, access, (const char* path, int mode), (path, mode))
WRAP(int, mprotect, (void* at, size_t size, int rights), (at, size, rights))
WRAP(pid_t, waitpid, (pid_t pid, int* status, int options), (pid, status, options))
WRAP(ssize_t, getrandom, (void* to, size_t size, unsigned flags), (to, size, flags))
WRAP(int, sigaltstack, (const stack_t* now, stack_t* before), (now, before))
WRAP(int, setrlimit, (__rlimit_resource_t what, const struct rlimit* limit), (what, limit))
WRAP(int, sched_getaffinity, (pid_t pid, size_t size, cpu_set_t* set), (pid, size, set))
WRAP_OR(MAP_FAILED, void*, mmap, (void* at, size_t size, int rights, int flags, int fd, off_t from),
        (at, size, rights, flags, fd, from))

/* Its error is its result. */
EXPORT int getaddrinfo(const char* name, const char* service, const struct addrinfo* hints, struct addrinfo** out) {
  if (fails(kind_getaddrinfo)) return (int)board->error;
  return REAL(getaddrinfo)(name, service, hints, out);
}

EXPORT int listen(int fd, int backlog) {
  if (fails(kind_listen)) return -1;
  const int done = REAL(listen)(fd, backlog);
  struct sockaddr_in at;
  socklen_t size = sizeof at;
  if (done == 0 && board && REAL(getsockname)(fd, (struct sockaddr*)&at, &size) == 0 && at.sin_family == AF_INET)
    board->port = ntohs(at.sin_port);
  return done;
}

/* Taking a descriptor out of the set needs no memory. */
EXPORT int epoll_ctl(int set, int operation, int fd, struct epoll_event* e) {
  static __typeof__(&epoll_ctl) real;
  if (!real) real = REAL(epoll_ctl);
  return operation != EPOLL_CTL_DEL && fails(kind_epoll_ctl) ? -1 : real(set, operation, fd, e);
}

/* Linux has closed it when it says EINTR or EIO. */
EXPORT int close(int fd) {
  static __typeof__(&close) real;
  if (!real) real = REAL(close);
  const int done = real(fd);
  return fails(kind_close) ? -1 : done;
}

EXPORT int open(const char* name, int flags, ...) {
  static __typeof__(&open) real;
  if (!real) real = REAL(open);
  va_list more;
  va_start(more, flags);
  const mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
  va_end(more);
  return fails(kind_open) ? -1 : real(name, flags, mode);
}

/* Asking for flags of a descriptor that is open, or setting them, cannot fail. */
EXPORT int fcntl(int fd, int command, ...) {
  static __typeof__(&fcntl) real;
  if (!real) real = REAL(fcntl);
  va_list more;
  va_start(more, command);
  void* const argument = va_arg(more, void*);
  va_end(more);
  const int may = command == F_DUPFD_CLOEXEC || command == F_DUPFD || command == F_SETPIPE_SZ || command == F_ADD_SEALS;
  return may && fails(kind_fcntl) ? -1 : real(fd, command, argument);
}

EXPORT pid_t fork(void) {
  if (fails(kind_fork)) return -1;
  const pid_t pid = REAL(fork)();
  if (pid == 0) self = child_process;
  return pid;
}

EXPORT int prctl(int option, ...) {
  va_list more;
  va_start(more, option);
  unsigned long a[4];
  for (int i = 0; i < 4; ++i) a[i] = va_arg(more, unsigned long);
  va_end(more);
  if (option == PR_SET_NAME)
    self = strncmp((const char*)a[0], "eh-", 3) == 0 ? worker_process : log_process;
  else if (fails(kind_prctl))
    return -1;
  return REAL(prctl)(option, a[0], a[1], a[2], a[3]);
}

/* Those for which libc had no function yet. */
EXPORT long syscall(long number, ...) {
  static __typeof__(&syscall) real;
  if (!real) real = REAL(syscall);
  va_list more;
  va_start(more, number);
  long a[6];
  for (int i = 0; i < 6; ++i) a[i] = va_arg(more, long);
  va_end(more);
  if ((number == SYS_epoll_pwait2 && fails(kind_epoll_pwait2)) || (number == SYS_openat2 && fails(kind_openat2)) ||
      (number == SYS_capset && fails(kind_capset)))
    return -1;
  return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
