// Distributed under the Boost Software License, Version 1.0.
// Reads the text of an address to connect to.
#include "net/connect.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <charconv>
#include <cstddef>
#include <cstring>

namespace epollhost::net {
namespace {

constexpr const char* forms = "expected 192.0.2.1:80, [2001:db8::1]:80, name:80, unix:/path or unix:@name";
constexpr std::size_t name_bytes_max = 253; // of a name in DNS

std::optional<std::uint16_t> parse_port(std::string_view digits) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size() || port == 0 || port > 65535) return {};
  return static_cast<std::uint16_t>(port);
}

// An address of numbers, with the scope of a link-local one; no look-up.
std::optional<endpoint> parse_number(const std::string& host, const std::string& port, int family) {
  addrinfo hints{};
  hints.ai_family = family;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  in_addr four{};
  if (family == AF_INET && ::inet_pton(AF_INET, host.c_str(), &four) != 1) return {}; // getaddrinfo reads "1.2" too
  if (::getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) return {};
  endpoint e;
  e.size = found->ai_addrlen;
  std::memcpy(&e.storage, found->ai_addr, found->ai_addrlen);
  ::freeaddrinfo(found);
  return e;
}

std::optional<target> parse_unix(std::string_view path, std::string& fault) {
  const bool abstract = path.starts_with('@');
  endpoint e;
  auto& un = reinterpret_cast<sockaddr_un&>(e.storage);
  if (path.size() < 2 && (path.empty() || abstract))
    return fault = "has no path; write unix:/path or unix:@name", std::nullopt;
  if (path.size() >= sizeof un.sun_path)
    return fault = "has a path longer than " + std::to_string(sizeof un.sun_path - 1) +
                   " bytes, the kernel's limit; write a shorter one",
           std::nullopt;
  un.sun_family = AF_UNIX;
  std::memcpy(un.sun_path, path.data(), path.size());
  if (abstract) un.sun_path[0] = '\0';
  // A file's name counts its zero, an abstract one has none.
  e.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + (abstract ? 0 : 1));
  return target{.endpoint = e, .name = {}, .port = 0};
}

bool looks_like_name(std::string_view host) {
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
  return !host.empty() && host.size() <= name_bytes_max && host.find_first_not_of(allowed) == host.npos &&
         host.find_first_not_of("0123456789.") != host.npos; // else it is a bad number
}

} // namespace

std::optional<target> parse_target(std::string_view text, std::string& fault) {
  if (text.find('\0') != text.npos) return fault = std::string("holds a zero byte; ") + forms, std::nullopt;
  if (text.starts_with("unix:")) return parse_unix(text.substr(5), fault);
  if (const auto scheme = text.find("://"); scheme != text.npos)
    return fault = "is a URL; write the address without \"" + std::string(text.substr(0, scheme + 3)) +
                   "\": " + std::string(text.substr(scheme + 3, text.find('/', scheme + 3) - scheme - 3)),
           std::nullopt;
  for (const std::string_view known : {"tls:", "udp:", "tcp:", "proxy:", "http:", "https:"})
    if (text.starts_with(known) && text.find(':', known.size()) != text.npos)
      return fault = "begins with \"" + std::string(known) + "\", which this version does not know; write the address alone: " +
                     std::string(text.substr(known.size())),
             std::nullopt;
  const auto colon = text.rfind(':');
  const bool bracketed = text.starts_with('[');
  if (colon == text.npos || (bracketed && (colon == 0 || text[colon - 1] != ']')))
    return fault = "has no port; " + std::string(forms), std::nullopt;
  const auto port = parse_port(text.substr(colon + 1));
  if (!port) return fault = "has no port from 1 to 65535 after its last colon; " + std::string(forms), std::nullopt;
  const std::string host(bracketed ? text.substr(1, colon - 2) : text.substr(0, colon)), digits = std::to_string(*port);
  if (const auto e = parse_number(host, digits, bracketed ? AF_INET6 : AF_INET)) return target{e, {}, *port};
  if (!bracketed && looks_like_name(host)) return target{{}, host, *port};
  if (!bracketed && host.find(':') != host.npos)
    return fault = "is ambiguous: an IPv6 address needs brackets; write [" + host + "]:" + digits, std::nullopt;
  return fault = "is no address; " + std::string(forms), std::nullopt;
}

} // namespace epollhost::net
