// Distributed under the Boost Software License, Version 1.0.
// An address of the kernel: IPv4, IPv6 or unix.
#ifndef EPOLLHOST_NET_ENDPOINT_HPP
#define EPOLLHOST_NET_ENDPOINT_HPP

#include <sys/socket.h>

#include <optional>
#include <string>
#include <string_view>

namespace epollhost::net {

/// A sockaddr of any family with its length. A value.
struct endpoint {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* data() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* data() { return reinterpret_cast<sockaddr*>(&storage); }
  sa_family_t family() const { return storage.ss_family; }
  bool is_unix() const { return family() == AF_UNIX; }

  /// The path of a unix endpoint that is a file; empty for an abstract or unnamed one, or another family.
  std::string unix_path() const;
};

/// The endpoint that has these bytes; empty where they are too few for its family, too many, or of none that we know.
std::optional<endpoint> to_endpoint(std::string_view bytes);

/// The endpoint as `--listen` takes it: `127.0.0.1:80`, `[::1]:80`, `unix:/path`, `unix:@name`.
std::string to_string(const endpoint& e);

} // namespace epollhost::net

#endif
