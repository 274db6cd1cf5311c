// Distributed under the Boost Software License, Version 1.0.
// Random bytes.
#include "net/random.hpp"

#include "net/error.hpp"

#include <sys/random.h>

namespace epollhost::net {

void random_bytes(void* bytes, std::size_t len) {
  auto* at = static_cast<char*>(bytes);
  while (len > 0) {
    const ssize_t n = ::getrandom(at, len, 0);
    if (n < 0 && errno != EINTR) throw_last_error("getrandom");
    if (n > 0) at += n, len -= static_cast<std::size_t>(n);
  }
}

} // namespace epollhost::net
