// Distributed under the Boost Software License, Version 1.0.
// How the master gives a log channel's pipe to the log process, and hears of its end.
#include "master/channel_passing.hpp"

#include "net/error.hpp"

#include <sys/socket.h>

#include <array>
#include <climits>
#include <cstring>

namespace epollhost::master {
namespace {

// Room for one descriptor, aligned as the kernel wants it. Source: cmsg(3).
union control_bytes {
  char bytes[CMSG_SPACE(sizeof(int))];
  cmsghdr align;
};

// A message of `parts`; with `control`, it has room for a descriptor.
msghdr message_of(iovec* parts, std::size_t count, control_bytes& control) {
  msghdr m{};
  m.msg_iov = parts;
  m.msg_iovlen = count;
  m.msg_control = control.bytes;
  m.msg_controllen = sizeof control.bytes;
  return m;
}

bool is_end(ssize_t n) { return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR); }

net::unique_fd descriptor_in(const msghdr& m) {
  const cmsghdr* const found = CMSG_FIRSTHDR(&m);
  if (!found || found->cmsg_level != SOL_SOCKET || found->cmsg_type != SCM_RIGHTS) return {};
  int fd = -1;
  std::memcpy(&fd, CMSG_DATA(found), sizeof fd);
  return net::unique_fd(fd);
}

} // namespace

std::pair<net::unique_fd, net::unique_fd> channel_socket_pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0)
    net::throw_last_error("socketpair");
  return {net::unique_fd(ends[0]), net::unique_fd(ends[1])};
}

bool pass_channel(int socket, std::uint64_t id, channel_content content, const std::string& path, int reader) {
  iovec parts[] = {{&id, sizeof id},
                   {&content, sizeof content},
                   {const_cast<char*>(path.data()), path.size()}}; // the kernel reads them only
  control_bytes control{};
  const msghdr m = message_of(parts, 3, control);
  cmsghdr* const head = CMSG_FIRSTHDR(&m);
  head->cmsg_level = SOL_SOCKET;
  head->cmsg_type = SCM_RIGHTS;
  head->cmsg_len = CMSG_LEN(sizeof reader);
  std::memcpy(CMSG_DATA(head), &reader, sizeof reader);
  return ::sendmsg(socket, &m, MSG_NOSIGNAL) > 0;
}

std::optional<passed_channel> take_channel(int socket, bool& ended) {
  passed_channel out;
  std::array<char, PATH_MAX> path;
  iovec parts[] = {{&out.id, sizeof out.id}, {&out.content, sizeof out.content}, {path.data(), path.size()}};
  constexpr ssize_t head_bytes = sizeof out.id + sizeof out.content;
  control_bytes control{};
  msghdr m = message_of(parts, 3, control);
  const ssize_t n = ::recvmsg(socket, &m, MSG_CMSG_CLOEXEC);
  ended = is_end(n);
  if (n < head_bytes) return {};
  out.path.assign(path.data(), static_cast<std::size_t>(n - head_bytes));
  out.reader = descriptor_in(m);
  return out;
}

bool tell_channel_ended(int socket, std::uint64_t id) {
  return ::send(socket, &id, sizeof id, MSG_NOSIGNAL) == static_cast<ssize_t>(sizeof id);
}

std::optional<std::uint64_t> hear_channel_ended(int socket, bool& ended) {
  std::uint64_t id = 0;
  const ssize_t n = ::recv(socket, &id, sizeof id, 0);
  ended = is_end(n);
  if (n != static_cast<ssize_t>(sizeof id)) return {};
  return id;
}

} // namespace epollhost::master
