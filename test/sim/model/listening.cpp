// Distributed under the Boost Software License, Version 1.0.
// Makes the listening sockets of the scripts.
#include "model/listening.hpp"

#include "model/address.hpp"

#include "net/listen.hpp"

#include <cstdio>
#include <cstdlib>

namespace epollhost::test {
namespace {

void check(const net::error_code& ec) {
  if (ec) std::printf("cannot listen: %s\n", ec.message().c_str()), std::exit(1);
}

} // namespace

// Without TCP_NODELAY a small segment would wait for the acknowledgement of the one before.
net::unique_fd bind_at(bool is_unix, std::string_view which) {
  net::error_code ec;
  net::unique_fd fd = net::bind(model_address(is_unix, which), {.nodelay = !is_unix}, ec);
  check(ec);
  return fd;
}

net::unique_fd listen_at(bool is_unix, std::string_view which, int backlog) {
  net::unique_fd fd = bind_at(is_unix, which);
  check(net::listen(fd.get(), backlog));
  return fd;
}

} // namespace epollhost::test
