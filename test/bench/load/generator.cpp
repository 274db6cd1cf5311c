// Distributed under the Boost Software License, Version 1.0.
// Keeps a number of connections busy until all requests are answered.
#include "generator.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cctype>
#include <charconv>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace bench {
namespace {

constexpr int patience_ms = 20'000; // without an answer

[[noreturn]] void fail(const char* call) { throw std::system_error(errno, std::generic_category(), call); }

std::int64_t now_ns() {
  timespec t;
  ::clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1'000'000'000 + t.tv_nsec;
}

// The size of an HTTP answer whose head is whole; 0 as long as it is not.
std::size_t size_of(std::string_view answer) {
  const std::size_t end = answer.find("\r\n\r\n");
  if (end == answer.npos) return 0;
  if (!answer.starts_with("HTTP/1.1 200") && !answer.starts_with("HTTP/1.0 200"))
    throw std::runtime_error("the answer begins with " + std::string(answer.substr(0, answer.find('\r'))));
  std::string head(answer.substr(0, end));
  std::transform(head.begin(), head.end(), head.begin(), [](unsigned char c) { return std::tolower(c); });
  constexpr std::string_view name = "\r\ncontent-length: ";
  const std::size_t at = head.find(name);
  if (at == head.npos) throw std::runtime_error("the answer has no Content-Length");
  std::size_t length = 0;
  std::from_chars(head.data() + at + name.size(), head.data() + head.size(), length);
  return end + 4 + length;
}

} // namespace

generator::generator(const options& what) : what_(what), connections_(what.connections) {
  for (std::size_t i = 0; i < what_.depth; ++i) batch_ += what_.request;
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  if (epoll_ < 0) fail("epoll_create1");
}

generator::~generator() {
  for (const connection& c : connections_)
    if (c.fd >= 0) ::close(c.fd);
  ::close(epoll_);
}

// One source address has some 28,000 ports: each 5,000 connections come from an address of their own.
int generator::connect(std::size_t index) const {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
  if (fd < 0) fail("socket");
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(static_cast<std::uint32_t>(INADDR_LOOPBACK + index / 5000));
  if (::bind(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0) fail("bind");
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  at.sin_port = htons(what_.port);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0) fail("connect");
  return fd;
}

// The first answer is read to the end of what its head says.
void generator::learn_size() {
  answer_bytes_ = what_.echoed;
  if (answer_bytes_ != 0) return;
  const int fd = connect(0);
  if (::send(fd, what_.request.data(), what_.request.size(), MSG_NOSIGNAL) < 0) fail("send");
  std::string answer;
  for (char part[65536]; answer_bytes_ == 0 || answer.size() < answer_bytes_;) {
    const ssize_t n = ::recv(fd, part, sizeof part, 0);
    if (n <= 0) throw std::runtime_error("the server closes before its first answer is whole");
    answer.append(part, static_cast<std::size_t>(n));
    if (answer_bytes_ == 0) answer_bytes_ = size_of(answer);
  }
  if (answer.size() != answer_bytes_) throw std::runtime_error("the first answer is longer than its head says");
  ::close(fd);
}

void generator::start(connection& c) {
  if (c.fd < 0) {
    c.fd = connect(static_cast<std::size_t>(&c - connections_.data()));
    epoll_event e{};
    e.events = EPOLLIN | EPOLLRDHUP;
    e.data.ptr = &c;
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, c.fd, &e) != 0) fail("epoll_ctl");
  }
  if (to_send_ == 0) return;
  to_send_ -= std::min(what_.depth, to_send_);
  c.left = answer_bytes_ * what_.depth;
  c.sent_ns = now_ns();
  if (::send(c.fd, batch_.data(), batch_.size(), MSG_NOSIGNAL) != ssize_t(batch_.size())) fail("send");
}

void generator::on_event(connection& c) {
  static char buffer[256 * 1024];
  const ssize_t n = ::recv(c.fd, buffer, sizeof buffer, MSG_DONTWAIT);
  if (n < 0) return errno == EAGAIN || errno == EINTR ? void() : fail("recv");
  if (n == 0) return ended(c);
  const auto got = static_cast<std::size_t>(n);
  if (got > c.left) throw std::runtime_error("more bytes came than the answers have");
  c.left -= got;
  if (c.left == 0) answered(c);
}

void generator::answered(connection& c) {
  took_.add(static_cast<std::uint64_t>(now_ns() - c.sent_ns));
  to_come_ -= std::min(what_.depth, to_come_);
  if (what_.how == ending::keep) start(c);
}

void generator::ended(connection& c) {
  if (what_.how == ending::keep || c.left != 0) throw std::runtime_error("the server closed a connection");
  ::close(c.fd);
  c.fd = -1;
  if (to_send_ > 0) start(c);
}

void generator::run() {
  learn_size();
  to_send_ = to_come_ = what_.requests;
  if (what_.how == ending::keep) { // connecting is not what is measured
    const std::size_t all = std::exchange(to_send_, 0);
    for (connection& c : connections_) start(c);
    to_send_ = all;
  }
  const std::int64_t began = now_ns();
  for (connection& c : connections_)
    if (to_send_ > 0) start(c);
  while (to_come_ > 0) {
    epoll_event events[256];
    const int n = ::epoll_wait(epoll_, events, 256, patience_ms);
    if (n < 0 && errno != EINTR) fail("epoll_wait");
    if (n == 0) throw std::runtime_error("no answer for 20 s");
    for (int i = 0; i < n; ++i) on_event(*static_cast<connection*>(events[i].data.ptr));
  }
  seconds_ = static_cast<double>(now_ns() - began) / 1e9;
}

} // namespace bench
