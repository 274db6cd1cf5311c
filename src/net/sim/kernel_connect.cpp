// Distributed under the Boost Software License, Version 1.0.
// A kernel in memory: the connections that the program makes.
#include "net/sim/kernel.hpp"

#include <netinet/in.h>

#include <algorithm>
#include <cerrno>

namespace epollhost::net::sim {
namespace {

constexpr std::int64_t ms_ns = 1'000'000, second_ns = 1000 * ms_ns;
constexpr std::int64_t gives_up_ns = 127 * second_ns; // tcp_syn_retries of Linux: six, one after 1, 2, 4, ... seconds
constexpr std::int64_t asks_again_ns = second_ns;     // where a listen queue is full

// TCP connects to no multicast or broadcast address.
bool is_of_many(const endpoint& to) {
  if (to.family() == AF_INET6)
    return IN6_IS_ADDR_MULTICAST(&reinterpret_cast<const sockaddr_in6&>(to.storage).sin6_addr);
  const auto address = ntohl(reinterpret_cast<const sockaddr_in&>(to.storage).sin_addr.s_addr);
  return IN_MULTICAST(address) || address == INADDR_BROADCAST;
}

std::shared_ptr<file> not_owned(stream& s) { return {std::shared_ptr<file>(), &s}; }

} // namespace

std::int64_t kernel::connect(const endpoint& to, int& fd) {
  spend();
  if (connect_instead) return connect_instead(to, fd);
  if (const int error = socket_error(to.is_unix())) return answered("connect", -1, -error);
  const remote who = who_is_at(to);
  return to.is_unix() ? connect_unix(to, who, fd) : connect_tcp(to, who, fd);
}

int kernel::socket_error(bool is_unix) {
  static constexpr int missing[] = {EMFILE, ENFILE, ENOBUFS, ENOMEM};
  if (files_.size() >= options_.descriptors_max) return EMFILE;
  if (faults_.strikes(fault::connect_no_descriptor)) return faults_.choices().pick(missing);
  return !is_unix && faults_.strikes(fault::connect_no_port) ? EADDRNOTAVAIL : 0;
}

std::size_t kernel::connecting() const {
  return static_cast<std::size_t>(std::count_if(streams_.begin(), streams_.end(),
                                                [](const auto& s) { return s->is_connecting() && !s->is_closed(); }));
}

// A listener of the program's, or what lies outside.
kernel::remote kernel::who_is_at(const endpoint& to) {
  bool any = false;
  const bool takes = choose(to, any) != nullptr;
  if (!any) return outside ? outside(to) : remote{};
  return {takes ? 0 : EAGAIN, {}, [this, to](stream* theirs) {
            bool still = false;
            if (acceptor* const a = choose(to, still))
              a->push(*theirs);
            else
              theirs->released(true);
          }};
}

// Decided within the call. A path without a socket is another error than a socket without a listener.
std::int64_t kernel::connect_unix(const endpoint& to, const remote& who, int& fd) {
  const bool full = who.error == EAGAIN || who.error == ETIMEDOUT || faults_.strikes(fault::queue_full);
  if (full) return answered("connect", -1, -EAGAIN);
  if (faults_.strikes(fault::connect_refused)) return answered("connect", -1, -ECONNREFUSED);
  if (who.error) return answered("connect", -1, to.unix_path().empty() ? -ECONNREFUSED : -ENOENT);
  stream& ours = add_stream(true, who.over.to_peer, peer_of(to), to);
  fd = install(not_owned(ours));
  meet(ours, who);
  return answered("connect", fd, 0);
}

// Nothing is known when the call returns, even where it is decided by then: so does Linux on loopback.
std::int64_t kernel::connect_tcp(const endpoint& to, remote who, int& fd) {
  if (is_of_many(to)) return answered("connect", -1, -ENETUNREACH);
  const bool unreachable = faults_.strikes(fault::connect_unreachable);
  if (unreachable && faults_.choices().below(2)) return answered("connect", -1, -ENETUNREACH);
  if (unreachable) who.error = EHOSTUNREACH;
  const std::int64_t takes_ns = strike_handshake(who);
  stream& ours = add_stream(false, who.over.to_peer, peer_of(to), to);
  ours.begin_connecting();
  fd = install(not_owned(ours));
  if (takes_ns == 0)
    decide(ours, who);
  else
    at(now_ns_ + takes_ns, [this, &ours, who] { decide(ours, who); });
  return answered("connect", fd, -EINPROGRESS);
}

// What becomes of it, and how long that takes: there and back.
std::int64_t kernel::strike_handshake(remote& who) {
  std::int64_t takes_ns = 0;
  for (const path* way : {&who.over.to_peer, &who.over.from_peer})
    if (way->most_ns > 0)
      takes_ns += std::int64_t(chance_.between(std::uint64_t(way->least_ns), std::uint64_t(way->most_ns)));
  if (faults_.strikes(fault::slow_connect)) takes_ns += std::int64_t(faults_.choices().between(1, second_ns));
  if (faults_.strikes(fault::connect_refused)) who.error = ECONNREFUSED;
  if (faults_.strikes(fault::connect_silent)) who.error = ETIMEDOUT;
  return who.error == ETIMEDOUT ? gives_up_ns : takes_ns;
}

void kernel::decide(stream& ours, const remote& who) {
  if (ours.is_closed()) return; // given up before
  if (who.error == EAGAIN)
    return at(now_ns_ + asks_again_ns, [this, &ours] { decide(ours, who_is_at(ours.remote())); });
  trace_.note(now_ns_, "connection decided", 0, -who.error);
  if (who.error) return ours.fail_connecting(who.error);
  meet(ours, who);
  if (faults_.strikes(fault::connect_reset)) ours.cut();
}

void kernel::meet(stream& ours, const remote& who) {
  stream& theirs = add_stream(ours.is_unix(), who.over.from_peer, ours.remote(), ours.local());
  stream::connect(ours, theirs);
  note_progress();
  ours.established();
  who.taken(&theirs);
}

} // namespace epollhost::net::sim
