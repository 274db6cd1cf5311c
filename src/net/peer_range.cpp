// Distributed under the Boost Software License, Version 1.0.
// Peers by their address.
#include "net/peer_range.hpp"

#include <arpa/inet.h>

#include <charconv>
#include <cstring>
#include <string>

namespace epollhost::net {
namespace {

constexpr unsigned bits_of_v4 = 32, bits_of_v6 = 128, mapped_bits = bits_of_v6 - bits_of_v4;

in6_addr mapped(const in_addr& v4) {
  in6_addr out{};
  out.s6_addr[10] = out.s6_addr[11] = 0xff;
  std::memcpy(out.s6_addr + 12, &v4, sizeof v4);
  return out;
}

std::optional<unsigned> number(std::string_view text, unsigned most) {
  unsigned n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc() || end != text.data() + text.size() || n > most) return {};
  return n;
}

} // namespace

std::optional<peer_range> peer_range::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string address(text.substr(0, slash));
  peer_range out;
  in_addr v4{};
  const bool is_v4 = ::inet_pton(AF_INET, address.c_str(), &v4) == 1;
  if (is_v4)
    out.first_ = mapped(v4);
  else if (::inet_pton(AF_INET6, address.c_str(), &out.first_) != 1)
    return {};
  const unsigned most = is_v4 ? bits_of_v4 : bits_of_v6;
  const auto bits = slash == text.npos ? most : number(text.substr(slash + 1), most);
  if (!bits) return {};
  out.bits_ = *bits + (is_v4 ? mapped_bits : 0);
  return out;
}

bool peer_range::has(const endpoint& peer) const {
  in6_addr address{};
  if (peer.family() == AF_INET)
    address = mapped(reinterpret_cast<const sockaddr_in&>(peer.storage).sin_addr);
  else if (peer.family() == AF_INET6)
    address = reinterpret_cast<const sockaddr_in6&>(peer.storage).sin6_addr;
  else
    return false;
  const unsigned whole = bits_ / 8, rest = bits_ % 8;
  if (std::memcmp(&address, &first_, whole) != 0) return false;
  return rest == 0 || (address.s6_addr[whole] ^ first_.s6_addr[whole]) >> (8 - rest) == 0;
}

} // namespace epollhost::net
