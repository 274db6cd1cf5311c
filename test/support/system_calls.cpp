// Distributed under the Boost Software License, Version 1.0.
// Counts the system calls and the allocations of the program, from inside.
//
// The functions of libc that src/net calls are defined here again, so the program takes these; each counts and goes on
// to the next definition of its name. Allocations: malloc in the same way; the sanitizers have their own, with a hook.
#include "support/system_calls.hpp"

#include <dlfcn.h>
#include <stdarg.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

#define EPOLLHOST_TEST_VISIBLE extern "C" __attribute__((visibility("default")))

namespace epollhost::test {
namespace {

thread_local bool on = false;
thread_local call_counts all;
thread_local int refuse_with = 0;
thread_local unsigned refusals = 0;

template <class F> F* next(const char* name) { return reinterpret_cast<F*>(::dlsym(RTLD_NEXT, name)); }

void count_allocation() {
  if (on) ++all.allocations;
}

} // namespace

void counting(bool yes) { on = yes; }
call_counts& counts() { return all; }
void refuse_epoll_add(int error, unsigned times) { refuse_with = error, refusals = times; }

} // namespace epollhost::test

using epollhost::test::all;
using epollhost::test::count_allocation;
using epollhost::test::next;
using epollhost::test::on;
using epollhost::test::refusals;
using epollhost::test::refuse_with;

EPOLLHOST_TEST_VISIBLE ssize_t recv(int fd, void* bytes, std::size_t len, int flags) {
  static auto* const real = next<ssize_t(int, void*, std::size_t, int)>("recv");
  if (on) ++all.recv;
  return real(fd, bytes, len, flags);
}

EPOLLHOST_TEST_VISIBLE ssize_t send(int fd, const void* bytes, std::size_t len, int flags) {
  static auto* const real = next<ssize_t(int, const void*, std::size_t, int)>("send");
  if (on) ++all.send;
  return real(fd, bytes, len, flags);
}

EPOLLHOST_TEST_VISIBLE ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  static auto* const real = next<ssize_t(int, const msghdr*, int)>("sendmsg");
  if (on) ++all.send;
  return real(fd, message, flags);
}

EPOLLHOST_TEST_VISIBLE ssize_t sendfile(int to, int from, off_t* offset, std::size_t len) noexcept {
  static auto* const real = next<ssize_t(int, int, off_t*, std::size_t)>("sendfile");
  if (on) ++all.sendfile;
  return real(to, from, offset, len);
}

EPOLLHOST_TEST_VISIBLE int accept4(int fd, sockaddr* address, socklen_t* size, int flags) {
  static auto* const real = next<int(int, sockaddr*, socklen_t*, int)>("accept4");
  if (on) ++all.accept;
  return real(fd, address, size, flags);
}

EPOLLHOST_TEST_VISIBLE int close(int fd) {
  static auto* const real = next<int(int)>("close");
  if (on) ++all.close;
  return real(fd);
}

EPOLLHOST_TEST_VISIBLE int epoll_ctl(int set, int operation, int fd, epoll_event* event) noexcept {
  static auto* const real = next<int(int, int, int, epoll_event*)>("epoll_ctl");
  if (on) ++all.epoll_ctl;
  if (operation == EPOLL_CTL_ADD && refusals > 0) return --refusals, errno = refuse_with, -1;
  return real(set, operation, fd, event);
}

EPOLLHOST_TEST_VISIBLE int epoll_wait(int set, epoll_event* events, int most, int timeout) {
  static auto* const real = next<int(int, epoll_event*, int, int)>("epoll_wait");
  if (on) ++all.epoll_wait;
  return real(set, events, most, timeout);
}

#ifdef EPOLLHOST_SANITIZED

extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void*, std::size_t),
                                                         void (*on_free)(const volatile void*));
[[maybe_unused]] static const int installed = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void*, std::size_t) { count_allocation(); }, [](const volatile void*) {});

#else

extern "C" void* __libc_malloc(std::size_t);
extern "C" void* __libc_calloc(std::size_t, std::size_t);
extern "C" void* __libc_realloc(void*, std::size_t);
extern "C" void* __libc_memalign(std::size_t, std::size_t);

EPOLLHOST_TEST_VISIBLE void* malloc(std::size_t len) {
  count_allocation();
  return __libc_malloc(len);
}
EPOLLHOST_TEST_VISIBLE void* calloc(std::size_t n, std::size_t len) {
  count_allocation();
  return __libc_calloc(n, len);
}
EPOLLHOST_TEST_VISIBLE void* realloc(void* old, std::size_t len) {
  count_allocation();
  return __libc_realloc(old, len);
}
EPOLLHOST_TEST_VISIBLE void* aligned_alloc(std::size_t alignment, std::size_t len) {
  count_allocation();
  return __libc_memalign(alignment, len);
}

#endif
