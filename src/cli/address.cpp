// Distributed under the Boost Software License, Version 1.0.
// Addresses to listen on, from text and back.
#include "cli/address.hpp"

#include "cli/failure.hpp"
#include "cli/secret.hpp"
#include "cli/text.hpp"
#include "net/listen.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <cctype>
#include <cstddef>
#include <cstring>

namespace epollhost::cli {
namespace {

constexpr std::string_view forms = "8080, 127.0.0.1:8080, [::1]:8080, unix:/path, unix:@name or fd:NAME";

[[noreturn]] void refuse(std::string_view text, std::string_view fault) {
  throw bad_value(fmt::format("{} {}", in_quotes(text), fault));
}

in_port_t parse_port(std::string_view digits, std::string_view text) {
  if (digits.empty()) refuse(text, "has no port after the colon; expected a port from 0 to 65535 there");
  unsigned port = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9')
      refuse(text, fmt::format("has the port {}; expected a port from 0 to 65535", in_quotes(digits)));
    port = port * 10 + static_cast<unsigned>(c - '0');
    if (port > 65535) refuse(text, "has a port above 65535; expected a port from 0 to 65535");
  }
  return htons(static_cast<in_port_t>(port));
}

listen_address ipv6(const in6_addr& address, in_port_t port, std::uint32_t scope = 0) {
  listen_address out;
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = port;
  v6.sin6_addr = address;
  v6.sin6_scope_id = scope;
  std::memcpy(&out.endpoint.storage, &v6, sizeof v6);
  out.endpoint.size = sizeof v6;
  return out;
}

listen_address ipv4(const in_addr& address, in_port_t port) {
  listen_address out;
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = port;
  v4.sin_addr = address;
  std::memcpy(&out.endpoint.storage, &v4, sizeof v4);
  out.endpoint.size = sizeof v4;
  return out;
}

listen_address wildcard(in_port_t port) {
  listen_address out = net::has_ipv6() ? ipv6(in6addr_any, port) : ipv4(in_addr{INADDR_ANY}, port);
  out.wildcard = true;
  return out;
}

std::uint32_t parse_scope(const std::string& interface, std::string_view text) {
  const unsigned index = ::if_nametoindex(interface.c_str());
  if (index == 0)
    refuse(text, fmt::format("names the network interface {}, which is not here; `ip link` lists them",
                             in_quotes(interface)));
  return index;
}

listen_address parse_bracketed(std::string_view text) {
  const auto end = text.find(']');
  if (end == std::string_view::npos) refuse(text, "has no closing bracket; expected an address such as [::1]:8080");
  std::string host(text.substr(1, end - 1));
  const std::string_view rest = text.substr(end + 1);
  if (!rest.starts_with(':')) refuse(text, fmt::format("has no port; write \"[{}]:PORT\"", host));
  std::string interface;
  if (const auto percent = host.find('%'); percent != std::string::npos) {
    interface = host.substr(percent + 1);
    host.resize(percent);
  }
  in6_addr address{};
  in_addr other{};
  if (::inet_pton(AF_INET, host.c_str(), &other) == 1)
    refuse(text, fmt::format("has an IPv4 address in brackets; write \"{}{}\"", host, rest));
  if (::inet_pton(AF_INET6, host.c_str(), &address) != 1)
    refuse(text, fmt::format("has no IPv6 address in the brackets, but {}; expected one such as [::1]:8080",
                             in_quotes(host)));
  if (IN6_IS_ADDR_V4MAPPED(&address))
    refuse(text, fmt::format("is IPv4 in IPv6's clothes; write the IPv4 address, such as \"127.0.0.1{}\"", rest));
  const in_port_t port = parse_port(rest.substr(1), text);
  if (interface.empty()) return ipv6(address, port);
  // The kernel looks at the interface of these only.
  if (!IN6_IS_ADDR_LINKLOCAL(&address) && !IN6_IS_ADDR_MC_LINKLOCAL(&address))
    refuse(text, fmt::format("names a network interface, which goes with a link-local address only (fe80::...); "
                             "write \"[{}]{}\"",
                             host, rest));
  return ipv6(address, port, parse_scope(interface, text));
}

listen_address parse_unix(std::string_view path, std::string_view text) {
  const bool abstract = path.starts_with('@');
  sockaddr_un un{};
  un.sun_family = AF_UNIX;
  if (path.empty()) refuse(text, "has no path; write \"unix:/path\" or \"unix:@name\"");
  if (path == "@") refuse(text, "has no name after the @; write \"unix:@name\"");
  if (!abstract && path.find('/') == std::string_view::npos)
    refuse(text, fmt::format("has no slash; write \"unix:./{}\", \"unix:/path\" or \"unix:@name\"", path));
  if (!abstract && path.ends_with('/')) refuse(text, "ends in a slash; expected the path of a file");
  if (path.size() >= sizeof un.sun_path)
    refuse(text, fmt::format("has a path of {} bytes; expected at most {} (a limit of the kernel)", path.size(),
                             sizeof un.sun_path - 1));
  std::memcpy(un.sun_path, path.data(), path.size());
  if (abstract) un.sun_path[0] = '\0';
  listen_address out;
  std::memcpy(&out.endpoint.storage, &un, sizeof un);
  // A file's name counts its zero, an abstract one has none.
  out.endpoint.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + (abstract ? 0 : 1));
  return out;
}

listen_address parse_passed(std::string_view name, std::string_view text) {
  if (name.empty() || name.find(':') != name.npos)
    refuse(text, "names no socket; write \"fd:NAME\" with the FileDescriptorName= of the socket unit");
  listen_address out;
  out.passed = name;
  return out;
}

bool all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool looks_like_name(std::string_view host) {
  for (const unsigned char c : host)
    if (!std::isalnum(c) && c != '-' && c != '.' && c != '_') return false;
  return host.find_first_not_of("0123456789.") != std::string_view::npos;
}

[[noreturn]] void refuse_name(std::string_view text, const std::string& host, std::string_view port) {
  refuse(text, fmt::format("has the name {}, and names are not looked up; write the number, such as \"{}:{}\"",
                           in_quotes(host), host == "localhost" ? "127.0.0.1" : "192.0.2.1", port));
}

listen_address parse_host_and_port(std::string_view text) {
  const auto colon = text.rfind(':');
  const std::string host(text.substr(0, colon));
  const std::string_view port = text.substr(colon + 1);
  in_addr v4{};
  in6_addr v6{};
  if (host.empty() || host == "*") return wildcard(parse_port(port, text));
  if (::inet_pton(AF_INET, host.c_str(), &v4) == 1) return ipv4(v4, parse_port(port, text));
  if (::inet_pton(AF_INET6, std::string(text).c_str(), &v6) == 1 && ::inet_pton(AF_INET6, host.c_str(), &v6) != 1)
    refuse(text, fmt::format("has no port; write \"[{}]:PORT\"", text));
  if (host.find(':') != std::string::npos)
    refuse(text, fmt::format("is ambiguous: an IPv6 address needs brackets; write \"[{}]:{}\"", host, port));
  if (looks_like_name(host) && all_digits(port)) refuse_name(text, host, port);
  refuse(text, fmt::format("is no address; expected {}", forms));
}

} // namespace

listen_address parse_address(std::string_view text) {
  check_text(text);
  in_addr v4{};
  if (text.empty()) throw bad_value(fmt::format("the address is empty; expected {}", forms));
  if (text.starts_with("unix:")) return parse_unix(text.substr(5), text);
  if (text.starts_with("fd:")) return parse_passed(text.substr(3), text);
  if (const auto scheme = text.find("://"); scheme != std::string_view::npos)
    refuse(text, fmt::format("is a URL; write the address without \"{}\": {}", text.substr(0, scheme + 3),
                             text.substr(scheme + 3, text.find('/', scheme + 3) - scheme - 3)));
  for (const std::string_view known : {"tls:", "udp:", "tcp:", "proxy:", "http:", "https:"})
    if (text.starts_with(known))
      refuse(text, fmt::format("begins with \"{}\", which this version does not know: it listens on TCP and on unix "
                               "sockets; write the address alone: {}",
                               known, text.substr(known.size())));
  if (text.starts_with('/') || text.starts_with("./") || text.starts_with('@'))
    refuse(text, fmt::format("is no address; did you mean \"unix:{}\"?", text));
  if (text.starts_with('[')) return parse_bracketed(text);
  if (all_digits(text)) return wildcard(parse_port(text, text));
  if (::inet_pton(AF_INET, std::string(text).c_str(), &v4) == 1)
    refuse(text, fmt::format("has no port; write \"{}:PORT\"", text));
  if (text == "localhost") refuse_name(text, "localhost", "PORT");
  if (text.find(',') != std::string_view::npos) refuse(text, "has a comma; give --listen once for each address");
  if (text.find(':') == std::string_view::npos) refuse(text, fmt::format("is no address; expected {}", forms));
  return parse_host_and_port(text);
}

std::string absolute_socket_path(std::string_view path, const std::string& folder) {
  if (path.starts_with('/')) return std::string(path);
  const std::string whole = absolute_path(path, folder);
  return folder.empty() && whole.size() >= sizeof sockaddr_un{}.sun_path ? std::string(path) : whole;
}

std::string absolute_address(std::string_view text, const std::string& folder) {
  constexpr std::string_view prefix = "unix:";
  const std::string_view path = text.starts_with(prefix) ? text.substr(prefix.size()) : std::string_view();
  if (path.starts_with('@') || path.find('/') == path.npos) return std::string(text);
  return std::string(prefix) + absolute_socket_path(path, folder);
}

std::string to_string(const listen_address& address) {
  if (!address.passed.empty()) return "fd:" + address.passed;
  if (address.wildcard) return fmt::format(":{}", port_of(address));
  const std::string text = net::to_string(address.endpoint);
  if (address.endpoint.family() != AF_INET6) return text;
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address.endpoint.storage);
  char interface[IF_NAMESIZE] = "";
  if (v6.sin6_scope_id == 0 || !::if_indextoname(v6.sin6_scope_id, interface)) return text;
  return fmt::format("{}%{}{}", text.substr(0, text.find(']')), interface, text.substr(text.find(']')));
}

std::string to_string(const std::vector<listen_address>& asked, const std::vector<net::endpoint>& real) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < real.size(); ++i) {
    const listen_address& a = asked.at(i);
    const std::string text = to_string(listen_address{real[i], a.wildcard, {}});
    out.push_back(a.passed.empty() ? text : fmt::format("fd:{} ({})", a.passed, text));
  }
  return fmt::format("{}", fmt::join(out, ", "));
}

bool same_place(const listen_address& a, const listen_address& b) {
  return to_string(a) == to_string(b) && (!a.passed.empty() || a.endpoint.is_unix() || port_of(a) != 0);
}

unsigned port_of(const listen_address& address) {
  switch (address.endpoint.family()) {
  case AF_INET: return ntohs(reinterpret_cast<const sockaddr_in&>(address.endpoint.storage).sin_port);
  case AF_INET6: return ntohs(reinterpret_cast<const sockaddr_in6&>(address.endpoint.storage).sin6_port);
  default: return 0;
  }
}

} // namespace epollhost::cli
