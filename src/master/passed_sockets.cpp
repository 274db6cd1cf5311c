// Distributed under the Boost Software License, Version 1.0.
// The listening sockets that systemd opened for us. Source: sd_listen_fds(3).
#include "master/passed_sockets.hpp"

#include "net/error.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <sstream>
#include <stdexcept>

namespace epollhost::master {
namespace {

constexpr int first_fd = 3; // SD_LISTEN_FDS_START

struct variables {
  std::string process, count, names;
};

std::string take(const char* name) {
  const char* const value = std::getenv(name);
  std::string out = value ? value : "";
  ::unsetenv(name); // fails only for a name with '='
  return out;
}

template <class... A> [[noreturn]] void fail(fmt::format_string<A...> text, A&&... args) {
  throw std::runtime_error("socket activation: " + fmt::format(text, std::forward<A>(args)...));
}

int number(const char* name, const std::string& text) {
  int n = -1;
  const auto r = std::from_chars(text.data(), text.data() + text.size(), n);
  if (r.ec != std::errc() || r.ptr != text.data() + text.size() || n < 0)
    fail("{} is \"{}\", expected a number", name, text);
  return n;
}

int option(int fd, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  return ::getsockopt(fd, SOL_SOCKET, name, &value, &size) == 0 ? value : -1;
}

void check(int fd, const std::string& name) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0) fail("descriptor {} ({}) is not open", fd, name);
  const int type = option(fd, SO_TYPE);
  if (type < 0) fail("descriptor {} ({}) is no socket, expected a listening stream socket", fd, name);
  if (type != SOCK_STREAM)
    fail("descriptor {} ({}) is a socket of another type, expected a stream: use ListenStream= in its unit", fd, name);
  if (option(fd, SO_ACCEPTCONN) != 1) fail("descriptor {} ({}) does not listen: use Accept=no in its unit", fd, name);
  if (::fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 || ::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
    net::throw_last_error("fcntl of a passed socket");
}

std::vector<std::string> split(const std::string& names, int count) {
  std::vector<std::string> out;
  std::istringstream in(names);
  for (std::string name; std::getline(in, name, ':');) out.push_back(name);
  out.resize(std::size_t(count), "unknown"); // as systemd's own library calls them
  return out;
}

} // namespace

passed_sockets take_passed_sockets() {
  const variables v{take("LISTEN_PID"), take("LISTEN_FDS"), take("LISTEN_FDNAMES")};
  passed_sockets out;
  if (v.process.empty() || v.count.empty() || number("LISTEN_PID", v.process) != ::getpid()) return out;
  const int count = number("LISTEN_FDS", v.count);
  if (count > passed_sockets_max) fail("{} sockets, expected at most {}", count, passed_sockets_max);
  const std::vector<std::string> names = split(v.names, count);
  for (int i = 0; i < count; ++i) {
    check(first_fd + i, names[std::size_t(i)]);
    out[names[std::size_t(i)]].emplace_back(first_fd + i);
  }
  return out;
}

} // namespace epollhost::master
