// Distributed under the Boost Software License, Version 1.0.
// An address of the kernel: IPv4, IPv6 or unix.
#include "net/endpoint.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>
#include <string_view>

namespace epollhost::net {
namespace {

// The bytes of sun_path that the kernel counts: an abstract name begins with a zero and may hold others.
std::string_view path_of(const endpoint& e) {
  const auto& u = reinterpret_cast<const sockaddr_un&>(e.storage);
  constexpr auto head = offsetof(sockaddr_un, sun_path);
  return e.size > head ? std::string_view(u.sun_path, e.size - head) : std::string_view();
}

struct bounds {
  std::size_t least, most;
};

// How many bytes the kernel fills for an address of this family.
bounds bytes_of(sa_family_t family) {
  switch (family) {
  case AF_UNIX: return {sizeof(sa_family_t), sizeof(sockaddr_un)};
  case AF_INET: return {sizeof(sockaddr_in), sizeof(sockaddr_in)};
  case AF_INET6: return {sizeof(sockaddr_in6), sizeof(sockaddr_in6)};
  default: return {1, 0};
  }
}

std::string port_of(in_port_t port) { return ":" + std::to_string(ntohs(port)); }

} // namespace

std::optional<endpoint> to_endpoint(std::string_view bytes) {
  endpoint out;
  if (bytes.size() < sizeof(sa_family_t) || bytes.size() > sizeof out.storage) return {};
  std::memcpy(&out.storage, bytes.data(), bytes.size());
  out.size = static_cast<socklen_t>(bytes.size());
  const auto [least, most] = bytes_of(out.family());
  if (bytes.size() < least || bytes.size() > most) return {};
  return out;
}

std::string endpoint::unix_path() const {
  if (!is_unix()) return {};
  const std::string_view path = path_of(*this);
  return path.empty() || path[0] == '\0' ? std::string() : std::string(path.substr(0, path.find('\0')));
}

std::string to_string(const endpoint& e) {
  char text[INET6_ADDRSTRLEN] = "";
  switch (e.family()) {
  case AF_INET: {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(e.storage);
    return ::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text) + port_of(v4.sin_port);
  }
  case AF_INET6: {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(e.storage);
    ::inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
    if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) return std::strrchr(text, ':') + 1 + port_of(v6.sin6_port);
    return "[" + std::string(text) + "]" + port_of(v6.sin6_port);
  }
  case AF_UNIX: {
    const std::string_view path = path_of(e);
    if (path.empty()) return "unix:";
    if (path[0] == '\0') return "unix:@" + std::string(path.substr(1));
    return "unix:" + e.unix_path();
  }
  }
  return "unknown";
}

} // namespace epollhost::net
