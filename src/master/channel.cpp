// Distributed under the Boost Software License, Version 1.0.
// What master and worker say to each other.
#include "master/channel.hpp"

#include "net/error.hpp"
#include "net/socket.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace epollhost::master {

message message::refusal(std::string_view why) {
  message m;
  m.kind = kind::refused;
  std::memcpy(m.text, why.data(), std::min(why.size(), sizeof m.text - 1));
  return m;
}

std::pair<channel, channel> channel::pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0)
    net::throw_last_error("socketpair");
  return {channel(net::unique_fd(ends[0])), channel(net::unique_fd(ends[1]))};
}

bool channel::send(const message& m) const {
  return net::send_now(fd_.get(), &m, sizeof m) == static_cast<net::result>(sizeof m);
}

std::optional<message> channel::receive(bool& ended) const {
  message m;
  ssize_t n = 0;
  do n = ::recv(fd_.get(), &m, sizeof m, 0);
  while (n < 0 && errno == EINTR);
  ended = n == 0 || (n < 0 && errno != EAGAIN);
  if (n != static_cast<ssize_t>(sizeof m)) return {};
  m.text[sizeof m.text - 1] = '\0';
  return m;
}

} // namespace epollhost::master
