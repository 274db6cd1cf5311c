// Distributed under the Boost Software License, Version 1.0.
// Which addresses are the same place, or contain each other.
#include "net/listen.hpp"

#include <netinet/in.h>

#include <cstdlib>
#include <cstring>
#include <memory>

namespace epollhost::net {
namespace {

struct inet_place {
  in_port_t port = 0;
  bool v4 = false, v6 = false; // families that it takes
  bool any = false;
  in_addr address4{};
  in6_addr address6{};
  std::uint32_t scope = 0;
};

inet_place to_inet(const endpoint& e, bool dual) {
  inet_place out;
  if (e.family() == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(e.storage);
    out.port = v4.sin_port;
    out.v4 = true;
    out.any = v4.sin_addr.s_addr == INADDR_ANY;
    out.address4 = v4.sin_addr;
  } else if (e.family() == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(e.storage);
    out.port = v6.sin6_port;
    out.v6 = true;
    out.any = IN6_IS_ADDR_UNSPECIFIED(&v6.sin6_addr);
    out.v4 = out.any && dual;
    out.address6 = v6.sin6_addr;
    out.scope = v6.sin6_scope_id;
  }
  return out;
}

} // namespace

bool overlap(const endpoint& a, bool a_dual, const endpoint& b, bool b_dual) {
  if (a.is_unix() || b.is_unix()) return a.is_unix() && b.is_unix() && place_of(a) == place_of(b);
  const inet_place x = to_inet(a, a_dual), y = to_inet(b, b_dual);
  if (x.port != y.port || x.port == 0) return false;
  if (!((x.v4 && y.v4) || (x.v6 && y.v6))) return false;
  if (x.any || y.any) return true;
  if (x.v4) return x.address4.s_addr == y.address4.s_addr;
  return std::memcmp(&x.address6, &y.address6, sizeof x.address6) == 0 && x.scope == y.scope;
}

std::string place_of(const endpoint& at) {
  const std::string path = at.unix_path();
  if (path.empty()) return to_string(at);
  const auto slash = path.rfind('/');
  const std::string folder = slash == path.npos ? "." : path.substr(0, slash + 1);
  const std::unique_ptr<char, void (*)(void*)> real(::realpath(folder.c_str(), nullptr), std::free);
  if (!real) return to_string(at); // binding says why
  const std::string name = path.substr(slash == path.npos ? 0 : slash + 1);
  return std::string("unix:") + (std::strcmp(real.get(), "/") == 0 ? "" : real.get()) + "/" + name;
}

} // namespace epollhost::net
