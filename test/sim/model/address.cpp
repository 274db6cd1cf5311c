// Distributed under the Boost Software License, Version 1.0.
// Where the servers of these tests listen.
#include "model/address.hpp"

#include <netinet/in.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <string>

namespace epollhost::test {

net::endpoint model_address(bool is_unix, std::string_view which) {
  net::endpoint e;
  if (is_unix) {
    const std::string name = "epollhost-model-" + std::to_string(::getpid()) + std::string(which);
    auto& un = reinterpret_cast<sockaddr_un&>(e.storage);
    un.sun_family = AF_UNIX;
    std::memcpy(un.sun_path + 1, name.data(), name.size());
    e.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  } else {
    auto& in = reinterpret_cast<sockaddr_in&>(e.storage);
    in.sin_family = AF_INET;
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    e.size = sizeof in;
  }
  return e;
}

} // namespace epollhost::test
