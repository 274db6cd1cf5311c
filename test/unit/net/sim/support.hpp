// Distributed under the Boost Software License, Version 1.0.
// What the tests of src/net/sim share: addresses, faults that always strike, a connection.
#ifndef EPOLLHOST_TEST_UNIT_NET_SIM_SUPPORT_HPP
#define EPOLLHOST_TEST_UNIT_NET_SIM_SUPPORT_HPP

#include "net/listen.hpp"
#include "net/poller.hpp"
#include "net/sim/kernel.hpp"
#include "net/socket.hpp"

#include <netinet/in.h>
#include <sys/un.h>

#include <array>
#include <cstddef>
#include <initializer_list>
#include <string_view>

namespace epollhost::test {

inline net::endpoint inet() {
  net::endpoint e;
  auto& in = reinterpret_cast<sockaddr_in&>(e.storage);
  in.sin_family = AF_INET;
  in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  e.size = sizeof in;
  return e;
}

/// As in Linux an abstract name, which no file holds.
inline net::endpoint unix_name(std::string_view name) {
  net::endpoint e;
  auto& un = reinterpret_cast<sockaddr_un&>(e.storage);
  un.sun_family = AF_UNIX;
  name.copy(un.sun_path + 1, sizeof un.sun_path - 1);
  e.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  return e;
}

inline net::sim::kernel::options few(std::size_t descriptors) {
  net::sim::kernel::options o;
  o.descriptors_max = descriptors;
  return o;
}

inline net::sim::kernel::options always(std::initializer_list<net::sim::fault> faults) {
  net::sim::kernel::options o;
  for (const net::sim::fault f : faults)
    o.faults.per_million[static_cast<std::size_t>(f)] = net::sim::random_source::million;
  return o;
}

/// A kernel with a listener, a connection that was accepted, and its peer.
struct connected {
  explicit connected(const net::sim::kernel::options& o = {}) : k(o) {
    k.faults().hold(true);
    net::error_code ec;
    listener = net::bind(inet(), {}, ec);
    net::listen(listener.get(), 8);
    k.connect(net::local_endpoint(listener.get()), {}, [this](net::sim::stream* s) { peer = s; });
    ours = net::unique_fd(static_cast<int>(net::accept(listener.get())));
    set.add(ours.get(), EPOLLIN | EPOLLRDHUP | EPOLLET, 1);
    k.faults().hold(false);
  }
  ~connected() {
    if (ours) set.remove(ours.get());
  }

  std::int64_t say(std::string_view text) {
    const iovec part{const_cast<char*>(text.data()), text.size()};
    return peer->send({&part, 1});
  }
  std::uint32_t look() {
    std::array<epoll_event, 4> events;
    return set.wait(events, 0) > 0 ? events[0].events : 0;
  }
  net::result receive() {
    std::array<char, 100> room;
    return net::receive(ours.get(), room.data(), room.size());
  }

  net::sim::kernel k;
  net::unique_fd listener, ours;
  net::poller set;
  net::sim::stream* peer = nullptr;
};

} // namespace epollhost::test

#endif
