// Distributed under the Boost Software License, Version 1.0.
// Sends a message to an echo server, waits for it, and so on; prints how long that took.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace {

bool echo(int fd, char* message, std::size_t size) {
  if (::send(fd, message, size, MSG_NOSIGNAL) != ssize_t(size)) return false;
  for (std::size_t got = 0; got < size;) {
    const ssize_t n = ::recv(fd, message + got, size - got, 0);
    if (n <= 0) return false;
    got += std::size_t(n);
  }
  return true;
}

} // namespace

int main(int argc, char** argv) {
  using clock = std::chrono::steady_clock;
  if (argc != 4) return std::fprintf(stderr, "use: echo_latency PORT MESSAGES BYTES\n"), 2;
  const std::size_t count = std::strtoul(argv[2], nullptr, 10);
  std::vector<char> message(std::strtoul(argv[3], nullptr, 10), 'x');
  sockaddr_in peer{};
  peer.sin_family = AF_INET;
  peer.sin_port = htons(static_cast<std::uint16_t>(std::atoi(argv[1])));
  peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0), on = 1;
  if (fd < 0 || ::connect(fd, reinterpret_cast<sockaddr*>(&peer), sizeof peer) != 0) return std::perror("connect"), 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  std::vector<double> took_us;
  took_us.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto start = clock::now();
    if (!echo(fd, message.data(), message.size())) return std::perror("echo"), 1;
    took_us.push_back(std::chrono::duration<double, std::micro>(clock::now() - start).count());
  }
  ::close(fd);
  std::sort(took_us.begin(), took_us.end());
  std::printf("%.1f %.1f\n", took_us[count / 2], took_us[count * 99 / 100]); // median, 99th of 100
}
