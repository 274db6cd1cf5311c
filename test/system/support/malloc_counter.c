/* Distributed under the Boost Software License, Version 1.0. */
/* Preloaded into a program, counts its heap allocations where a test can read them, for each process apart. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
enum { slots = 256 };

/* The file that EPOLLHOST_ALLOCATIONS names: pairs of process number and count. */
struct slot {
  uint64_t process, count;
};

extern void* __libc_malloc(size_t);
extern void* __libc_calloc(size_t, size_t);
extern void* __libc_realloc(void*, size_t);
extern void* __libc_memalign(size_t, size_t);

static struct slot* all;
static struct slot* mine;

static void claim(void) {
  mine = NULL;
  for (int i = 0; all && i < slots && !mine; ++i) {
    uint64_t nobody = 0;
    if (__atomic_compare_exchange_n(&all[i].process, &nobody, (uint64_t)getpid(), 0, __ATOMIC_SEQ_CST,
                                    __ATOMIC_SEQ_CST))
      mine = &all[i];
  }
}

__attribute__((constructor)) static void start(void) {
  const char* const name = getenv("EPOLLHOST_ALLOCATIONS");
  const int fd = name ? open(name, O_RDWR | O_CLOEXEC) : -1;
  if (fd < 0) return;
  void* const at = mmap(NULL, slots * sizeof(struct slot), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (at == MAP_FAILED) return;
  all = at;
  claim();
  pthread_atfork(NULL, NULL, claim);
}

static void count(void) {
  if (mine) __atomic_add_fetch(&mine->count, 1, __ATOMIC_RELAXED);
}

EXPORT void* malloc(size_t size) {
  count();
  return __libc_malloc(size);
}

EXPORT void* calloc(size_t number, size_t size) {
  count();
  return __libc_calloc(number, size);
}

EXPORT void* realloc(void* old, size_t size) {
  count();
  return __libc_realloc(old, size);
}

EXPORT void* memalign(size_t alignment, size_t size) {
  count();
  return __libc_memalign(alignment, size);
}

EXPORT void* aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

EXPORT int posix_memalign(void** to, size_t alignment, size_t size) {
  void* const at = memalign(alignment, size);
  if (!at) return ENOMEM;
  *to = at;
  return 0;
}
