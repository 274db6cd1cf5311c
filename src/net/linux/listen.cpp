// Distributed under the Boost Software License, Version 1.0.
// Makes listening sockets.
#include "net/listen.hpp"

#include "net/linux/unix_file.hpp"
#include "net/socket.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <string>

namespace epollhost::net {
namespace {

constexpr int socket_type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;

void set(int fd, int layer, int name, int value, error_code& ec) {
  if (!ec && ::setsockopt(fd, layer, name, &value, sizeof value) != 0) ec = last_error();
}

void set_tcp_options(int fd, const endpoint& at, const bind_options& options, error_code& ec) {
  set(fd, SOL_SOCKET, SO_REUSEADDR, 1, ec);
  // Urgent data would cut a read short with bytes left behind it; in line, it is just data.
  set(fd, SOL_SOCKET, SO_OOBINLINE, 1, ec);
  if (at.family() == AF_INET6) set(fd, IPPROTO_IPV6, IPV6_V6ONLY, !options.dual_stack, ec);
  if (!ec && options.nodelay) ec = set_nodelay(fd, true);
  if (options.share == port_share::further) set(fd, SOL_SOCKET, SO_REUSEPORT, 1, ec);
}

} // namespace

unique_fd bind(const endpoint& at, const bind_options& options, error_code& ec) {
  ec.clear();
  unique_fd fd(::socket(at.family(), socket_type, 0));
  if (!fd) return ec = last_error(), unique_fd();
  if (!at.is_unix()) set_tcp_options(fd.get(), at, options, ec);
  if (ec) return unique_fd();
  if (!at.unix_path().empty())
    ec = bind_unix_file(fd.get(), at, options.file);
  else if (::bind(fd.get(), at.data(), at.size) != 0)
    ec = last_error();
  if (ec) fd.reset();
  return fd;
}

error_code listen(int fd, int backlog) { return ::listen(fd, backlog) == 0 ? error_code() : last_error(); }

error_code share_port(int fd) {
  error_code ec;
  set(fd, SOL_SOCKET, SO_REUSEPORT, 1, ec);
  return ec;
}

bool has_ipv6() { return bool(unique_fd(::socket(AF_INET6, socket_type, 0))); }

file_id identify(const std::string& path) {
  struct stat s {};
  return ::lstat(path.c_str(), &s) == 0 ? file_id{s.st_dev, s.st_ino} : file_id{};
}

void remove_file(const std::string& path, file_id id) {
  if (id == file_id{} || identify(path) != id) return;
  ::unlink(path.c_str()); // an error leaves a stale file, which the next start replaces
}

int somaxconn() {
  int value = 0;
  if (FILE* f = std::fopen("/proc/sys/net/core/somaxconn", "re")) {
    if (std::fscanf(f, "%d", &value) != 1) value = 0;
    std::fclose(f);
  }
  return value;
}

} // namespace epollhost::net
