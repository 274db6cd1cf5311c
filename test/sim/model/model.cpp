// Distributed under the Boost Software License, Version 1.0.
// Plays random scripts of calls on sockets and epoll, and prints what is seen. It is linked with each kernel; the
// simulated one is right where both print the same.
//
//   model FIRST COUNT      the scripts FIRST to FIRST + COUNT - 1
#include "model/address.hpp"
#include "model/peer.hpp"

#include "net/listen.hpp"
#include "net/poller.hpp"
#include "net/sim/random_source.hpp"
#include "net/socket.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace epollhost::test {

namespace {

constexpr std::int64_t grace_ns = 3'000'000; // a real kernel may deliver behind the call that sent
constexpr std::size_t connections = 3;

/// One script: a listener, a few connections, and what is done to them.
class script {
public:
  explicit script(std::uint64_t seed) : random_(seed), is_unix_(random_.below(2) == 0) {
    std::printf("script %llu over %s\n", static_cast<unsigned long long>(seed), is_unix_ ? "unix" : "tcp");
    net::error_code ec;
    listener_ = net::bind(model_address(is_unix_), {.nodelay = !is_unix_}, ec);
    if (!ec) ec = net::listen(listener_.get(), 16);
    if (ec) std::printf("cannot listen: %s\n", ec.message().c_str()), std::exit(1);
    poller_.add(listener_.get(), EPOLLIN, connections);
  }

  ~script() {
    poller_.remove(listener_.get());
    for (side& s : sides_)
      if (s.ours) leave(s), s.ours.reset();
  }

  void play() {
    for (unsigned steps = 40; steps > 0; --steps) {
      side& s = sides_[random_.below(connections)];
      if (!s.theirs)
        connect(s);
      else
        step(s);
    }
    look();
  }

private:
  struct side {
    net::unique_fd ours;
    std::unique_ptr<peer> theirs;
    bool watched = false;
  };

  void say(const side& s, const char* what, long answer) {
    std::printf("  %td %s %ld\n", &s - sides_.data(), what, answer);
  }

  void connect(side& s) {
    s.theirs = connect_peer(net::local_endpoint(listener_.get()));
    if (random_.below(3) == 0) say(s, "peer sends before accept", s.theirs->send(5));
    look();
    const net::result fd = net::accept(listener_.get());
    say(s, "accept", fd >= 0);
    s.ours.reset(static_cast<int>(fd));
    s.watched = false;
    say(s, "accept again", net::accept(listener_.get()));
  }

  void step(side& s) {
    switch (random_.below(14)) {
    case 0: return say(s, "peer sends", s.theirs->send(random_.between(1, 900)));
    case 1: return say(s, "peer receives", s.theirs->receive(random_.between(1, 2000)));
    case 2: return s.theirs->finish(), say(s, "peer finishes", 0);
    case 3: return s.theirs->close(), say(s, "peer closes", 0);
    case 4: return s.theirs->reset(), say(s, "peer resets", 0);
    case 5: return end(s);
    case 6: return fill(s);
    case 7:
    case 8: return watch(s);
    case 9: return receive(s);
    case 10: return say(s, "send", send(s, random_.between(1, 900)));
    case 11: return finish(s);
    default: return look();
    }
  }

  void receive(side& s) {
    std::array<char, 2000> room;
    say(s, "receive", net::receive(s.ours.get(), room.data(), random_.between(1, room.size())));
  }

  long send(side& s, std::size_t bytes) {
    const std::vector<char> zeros(bytes);
    return net::send(s.ours.get(), zeros.data(), bytes);
  }

  // When the FIN of TCP is acknowledged, there is one more edge. The peer's kernel may take its time for it.
  void finish(side& s) {
    net::shutdown_send(s.ours.get());
    wait_for_acknowledgement(s.ours.get());
    say(s, "shutdown", 0);
  }

  void end(side& s) {
    leave(s);
    const bool reset = random_.below(2);
    say(s, reset ? "abort" : "close", 0);
    if (reset)
      net::abort(s.ours.release());
    else
      s.ours.reset();
    look();
    say(s, "peer receives", s.theirs->receive(5000)); // all that was sent, or its part
    say(s, "peer receives", s.theirs->receive(5000));
    s.theirs.reset();
  }

  // How much fits is each kernel's own; that it ends, and that room is told of, is not.
  void fill(side& s) {
    long n = 0;
    do n = send(s, 20'000);
    while (n > 0);
    say(s, "send until full", n);
    look();
    do n = s.theirs->receive(65'536);
    while (n > 0);
    say(s, "peer receives all", n);
    look();
    do n = s.theirs->receive(65'536);
    while (n > 0);
  }

  void watch(side& s) {
    constexpr std::uint32_t masks[] = {EPOLLIN,
                                       EPOLLIN | EPOLLRDHUP,
                                       EPOLLIN | EPOLLRDHUP | EPOLLET,
                                       EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                                       EPOLLOUT,
                                       EPOLLIN | EPOLLET,
                                       0};
    const std::uint32_t mask = random_.pick(masks);
    const auto data = static_cast<std::uint64_t>(&s - sides_.data());
    const int fd = s.ours.get();
    const auto ec = s.watched ? poller_.modify(fd, mask, data) : poller_.add(fd, mask, data);
    s.watched = true;
    say(s, "watch", long(mask & 0xffff) + (mask & EPOLLET ? 1'000'000 : 0) - ec.value());
  }

  void leave(side& s) {
    if (s.watched) poller_.remove(s.ours.get());
    s.watched = false;
  }

  void look() {
    std::array<epoll_event, 8> events;
    const int n = poller_.wait(events, grace_ns);
    std::printf("  events");
    for (int i = 0; i < n; ++i) {
      const epoll_event e = events[static_cast<std::size_t>(i)];
      std::printf(" %d:%x", static_cast<int>(e.data.u64), e.events);
    }
    std::printf("\n");
  }

  net::sim::random_source random_;
  const bool is_unix_;
  net::unique_fd listener_;
  net::poller poller_;
  std::array<side, connections> sides_;
};

} // namespace
} // namespace epollhost::test

int main(int argc, char** argv) {
  if (argc != 3) return std::fprintf(stderr, "model FIRST COUNT\n"), 2;
  const auto first = std::strtoull(argv[1], nullptr, 10), count = std::strtoull(argv[2], nullptr, 10);
  for (auto seed = first; seed < first + count; ++seed) epollhost::test::script(seed).play();
}
