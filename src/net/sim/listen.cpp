// Distributed under the Boost Software License, Version 1.0.
// Makes listening sockets of the simulated kernel. Unix sockets have no files.
#include "net/listen.hpp"

#include "net/sim/kernel.hpp"

namespace epollhost::net {

unique_fd bind(const endpoint& at, const bind_options& options, error_code& ec) {
  sim::kernel& k = sim::kernel::current();
  const endpoint real = k.any_port(at);
  ec.clear();
  const sim::acceptor* const other = k.bound(real);
  if (other && !(other->may_share && options.share == port_share::further)) {
    ec = {EADDRINUSE, boost::system::system_category()};
    return {};
  }
  const auto a = std::make_shared<sim::acceptor>(k, real, options.share != port_share::none);
  unique_fd fd(k.install(a));
  if (fd)
    k.remember(*a);
  else
    ec = {EMFILE, boost::system::system_category()};
  return fd;
}

error_code listen(int fd, int backlog) {
  auto* const a = sim::kernel::current().find_as<sim::acceptor>(fd);
  if (!a) return {ENOTSOCK, boost::system::system_category()};
  a->listen(backlog);
  return {};
}

error_code share_port(int) { return {}; } // bind() has remembered it

bool take_no_more(int fd) {
  auto* const a = sim::kernel::current().find_as<sim::acceptor>(fd);
  if (!a) return false;
  a->take_no_more();
  return true;
}

bool take_again(int fd) {
  auto* const a = sim::kernel::current().find_as<sim::acceptor>(fd);
  if (!a || a->bound.is_unix()) return false;
  a->take_again();
  return true;
}

void hear_all_hops(int) {}

std::optional<bool> has_handshakes(int) { return false; }

error_code set_access(const std::string&, const unix_access&) { return {}; }

bool has_ipv6() { return true; }

file_id identify(const std::string&) { return {}; }

void remove_file(const std::string&, file_id) {}

int somaxconn() { return 4096; }

} // namespace epollhost::net
