// Distributed under the Boost Software License, Version 1.0.
// Somewhere to connect to that is not the worker under test.
#ifndef EPOLLHOST_TEST_UNIT_WORKER_PLACE_HPP
#define EPOLLHOST_TEST_UNIT_WORKER_PLACE_HPP

#include "net/connect.hpp"
#include "net/listen.hpp"
#include "support/served.hpp"

#include <boost/test/unit_test.hpp>

#include <poll.h>

#include <list>
#include <string>

namespace epollhost::test {

/// A listener of the test's own; nobody accepts but the test.
struct place {
  explicit place(int backlog, const listen_address& where = any_port()) {
    net::error_code ec;
    fd = net::bind(where.endpoint, {}, ec);
    BOOST_REQUIRE(!ec);
    if (backlog >= 0) BOOST_REQUIRE(!net::listen(fd.get(), backlog));
  }
  net::endpoint endpoint() const { return net::local_endpoint(fd.get()); }
  std::string text() const { return to_string(endpoint()); }
  std::string port() const { return text().substr(text().rfind(':')); }

  /// From now on it answers nobody: the kernel drops what does not fit into its queue.
  void fill() {
    for (bool full = false; !full;) {
      net::unique_fd& c = waiting.emplace_back();
      net::result r = net::connect(endpoint(), false, c);
      full = r == -EAGAIN;
      pollfd p{c.get(), POLLOUT, 0};
      if (r == -EINPROGRESS) full = ::poll(&p, 1, 100) == 0;
      if (full) waiting.pop_back();
    }
  }
  net::unique_fd fd;
  std::list<net::unique_fd> waiting;
};

/// Bound, so that no other gets the port, and refusing.
inline place nobody() { return place(-1); }

} // namespace epollhost::test

#endif
