// Distributed under the Boost Software License, Version 1.0.
// The other side of a connection, for tests: never blocks, and forgets nothing that it received.
#include "support/client.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <vector>

namespace epollhost::test {

client::client(const net::endpoint& to, int receive_buffer)
    : fd_(::socket(to.family(), SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  BOOST_REQUIRE(fd_);
  if (receive_buffer)
    BOOST_REQUIRE(::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer) == 0);
  // The kernel completes it without anybody's accept.
  BOOST_REQUIRE_MESSAGE(::connect(fd_.get(), to.data(), to.size) == 0, std::strerror(errno));
  BOOST_REQUIRE(::fcntl(fd_.get(), F_SETFL, O_NONBLOCK) == 0);
}

void client::send(std::string_view bytes) { BOOST_REQUIRE_EQUAL(send_some(bytes), bytes.size()); }

std::size_t client::send_some(std::string_view bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const auto n = ::send(fd_.get(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (n < 0) break;
    sent += static_cast<std::size_t>(n);
  }
  return sent;
}

void client::finish() { BOOST_REQUIRE(::shutdown(fd_.get(), SHUT_WR) == 0); }

void client::reset() {
  const linger off{1, 0};
  BOOST_REQUIRE(::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &off, sizeof off) == 0);
  fd_.reset();
}

void client::receive(std::size_t at_most) {
  static std::vector<char> buffer(256 * 1024);
  while (at_most > 0 && !over()) {
    const auto n = ::recv(fd_.get(), buffer.data(), std::min(at_most, buffer.size()), 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n < 0)
      error = errno;
    else if (n == 0)
      ended = true;
    else
      received.append(buffer.data(), static_cast<std::size_t>(n)), at_most -= static_cast<std::size_t>(n);
  }
}

std::string pattern(std::size_t len) {
  std::string out(len, '\0');
  std::uint32_t x = 2463534242u;
  for (char& c : out) {
    x ^= x << 13, x ^= x >> 17, x ^= x << 5;
    c = static_cast<char>('!' + x % 90);
  }
  return out;
}

} // namespace epollhost::test
