// Distributed under the Boost Software License, Version 1.0.
// Makes listening sockets.
#include "net/listen.hpp"

#include "net/socket.hpp"

#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <iterator>
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

// A socket file without a listener refuses connections; one with a listener takes them, or is full (EAGAIN).
bool is_stale(const endpoint& at) {
  struct stat s {};
  if (::lstat(at.unix_path().c_str(), &s) != 0 || !S_ISSOCK(s.st_mode)) return false;
  const unique_fd probe(::socket(AF_UNIX, socket_type, 0));
  return probe && ::connect(probe.get(), at.data(), at.size) != 0 && errno == ECONNREFUSED;
}

// What lies at the path is replaced only if it is a socket that nobody listens on.
void bind_unix_file(int fd, const endpoint& at, unsigned mode, error_code& ec) {
  const std::string path = at.unix_path();
  struct stat s {};
  if (::lstat(path.c_str(), &s) == 0 && !is_stale(at)) {
    ec = {EADDRINUSE, boost::system::system_category()};
    return;
  }
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    ec = last_error();
    return;
  }
  // The socket's own mode is what bind() gives the file, less the umask: set it first, so that no moment has a wider
  // one.
  if (::fchmod(fd, mode) != 0 || ::bind(fd, at.data(), at.size) != 0 || ::chmod(path.c_str(), mode) != 0)
    ec = last_error();
}

} // namespace

unique_fd bind(const endpoint& at, const bind_options& options, error_code& ec) {
  ec.clear();
  unique_fd fd(::socket(at.family(), socket_type, 0));
  if (!fd) return ec = last_error(), unique_fd();
  if (!at.is_unix()) set_tcp_options(fd.get(), at, options, ec);
  if (ec) return unique_fd();
  if (!at.unix_path().empty())
    bind_unix_file(fd.get(), at, options.unix_mode, ec);
  else if (::bind(fd.get(), at.data(), at.size) != 0)
    ec = last_error();
  if (options.share == port_share::first) set(fd.get(), SOL_SOCKET, SO_REUSEPORT, 1, ec);
  if (ec) fd.reset();
  return fd;
}

error_code listen(int fd, int backlog) { return ::listen(fd, backlog) == 0 ? error_code() : last_error(); }

bool take_no_more(int fd) {
  constexpr unsigned flags_at = 13, syn = 0x02, ack = 0x10; // in the header of TCP, where the filter's data begin
  sock_filter drop_syn[] = {
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, flags_at),   BPF_STMT(BPF_ALU | BPF_AND | BPF_K, syn | ack),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, syn, 0, 1), BPF_STMT(BPF_RET | BPF_K, 0),
      BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
  };
  const sock_fprog program{std::size(drop_syn), drop_syn};
  const bool is_unix = local_endpoint(fd).is_unix();
  return !is_unix && ::setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0;
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
