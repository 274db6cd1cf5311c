// Distributed under the Boost Software License, Version 1.0.
// Faults of this machine, in a test's hands.
#include "support/local_faults.hpp"

#include <dlfcn.h>
#include <sys/socket.h>

#include <cerrno>

namespace epollhost::test {
namespace {

thread_local int connect_error = 0;

} // namespace

failing_connect::failing_connect(int error) { connect_error = error; }
failing_connect::~failing_connect() { connect_error = 0; }

} // namespace epollhost::test

// The program's own comes before the C library's.
extern "C" __attribute__((visibility("default"))) int connect(int fd, const sockaddr* to, socklen_t size) {
  using function = int (*)(int, const sockaddr*, socklen_t);
  static const auto real = reinterpret_cast<function>(::dlsym(RTLD_NEXT, "connect"));
  if (epollhost::test::connect_error == 0) return real(fd, to, size);
  errno = epollhost::test::connect_error;
  return -1;
}
