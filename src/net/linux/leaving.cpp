// Distributed under the Boost Software License, Version 1.0.
// A listening socket that is about to be closed: nobody new enters its queue, and those on the way still do.
#include "net/listen.hpp"
#include "net/socket.hpp"

#include <linux/filter.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <iterator>

namespace epollhost::net {
namespace {

bool set(int fd, int layer, int name, int value) { return ::setsockopt(fd, layer, name, &value, sizeof value) == 0; }

// A segment to the listening socket itself has to come from the next machine, with 255 hops left, which no client of a
// common system sends. What belongs to a handshake that has begun is not looked at.
bool set_least_hops(int fd, sa_family_t family, int hops) {
  const bool v4 = set(fd, IPPROTO_IP, IP_MINTTL, hops);
  return family == AF_INET ? v4 : set(fd, IPPROTO_IPV6, IPV6_MINHOPCOUNT, hops);
}

bool drop_syn(int fd) {
  constexpr unsigned flags_at = 13, syn = 0x02, ack = 0x10; // in the header of TCP, where the filter's data begin
  sock_filter steps[] = {
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, flags_at),   BPF_STMT(BPF_ALU | BPF_AND | BPF_K, syn | ack),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, syn, 0, 1), BPF_STMT(BPF_RET | BPF_K, 0),
      BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
  };
  const sock_fprog program{std::size(steps), steps};
  return ::setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0;
}

in_port_t port_of(const endpoint& e) {
  return e.family() == AF_INET ? reinterpret_cast<const sockaddr_in&>(e.storage).sin_port
                               : reinterpret_cast<const sockaddr_in6&>(e.storage).sin6_port;
}

// ---- what the kernel says of half-made connections. Source: sock_diag(7)

bool ask(int fd, std::uint8_t family, in_port_t port) {
  struct {
    nlmsghdr head;
    inet_diag_req_v2 body;
  } request{};
  request.head.nlmsg_len = sizeof request;
  request.head.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  request.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request.body.sdiag_family = family;
  request.body.sdiag_protocol = IPPROTO_TCP;
  request.body.idiag_states = 1u << TCP_SYN_RECV;
  request.body.id.idiag_sport = port;
  return ::send(fd, &request, sizeof request, 0) == ssize_t(sizeof request);
}

// All messages of one answer, to its end.
std::optional<bool> read_answer(int fd, in_port_t port) {
  bool any = false;
  for (;;) {
    alignas(nlmsghdr) std::array<char, 16384> part;
    const ssize_t got = ::recv(fd, part.data(), part.size(), 0);
    if (got <= 0) return {};
    auto left = static_cast<unsigned>(got);
    for (auto* m = reinterpret_cast<nlmsghdr*>(part.data()); NLMSG_OK(m, left); m = NLMSG_NEXT(m, left)) {
      if (m->nlmsg_type == NLMSG_DONE) return any;
      if (m->nlmsg_type == NLMSG_ERROR) return {};
      if (m->nlmsg_len < NLMSG_LENGTH(sizeof(inet_diag_msg))) continue;
      const auto* const about = static_cast<const inet_diag_msg*>(NLMSG_DATA(m));
      any |= about->idiag_state == TCP_SYN_RECV && about->id.idiag_sport == port;
    }
  }
}

} // namespace

// The filter is exact. Where it is not permitted, hops are.
bool take_no_more(int fd) {
  const sa_family_t family = local_endpoint(fd).family();
  if (family == AF_UNIX) return ::shutdown(fd, SHUT_RD) == 0; // what waits in the queue can still be accepted
  return drop_syn(fd) || set_least_hops(fd, family, 255);
}

bool take_again(int fd) {
  const sa_family_t family = local_endpoint(fd).family();
  if (family == AF_UNIX) return false;
  const int unused = 0;
  const bool filtered = ::setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof unused) == 0;
  return set_least_hops(fd, family, 0) || filtered;
}

void hear_all_hops(int fd) {
  set(fd, IPPROTO_IP, IP_MINTTL, 0); // fails where there are no hops; then there is nothing to undo
  set(fd, IPPROTO_IPV6, IPV6_MINHOPCOUNT, 0);
}

std::optional<bool> has_handshakes(int fd) {
  const endpoint at = local_endpoint(fd);
  if (at.is_unix()) return false;
  const unique_fd kernel(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  if (!kernel) return {};
  for (const std::uint8_t family : {AF_INET, AF_INET6}) { // a socket of IPv6 may take both
    if (family == AF_INET6 && at.family() == AF_INET) break;
    if (!ask(kernel.get(), family, port_of(at))) return {};
    const auto any = read_answer(kernel.get(), port_of(at));
    if (!any || *any) return any;
  }
  return false;
}

} // namespace epollhost::net
