// Distributed under the Boost Software License, Version 1.0.
// Scripts about connections of which it is not decided at once what becomes of them.
#include "model/queues.hpp"

#include "model/listening.hpp"

#include "net/connect.hpp"
#include "net/poller.hpp"
#include "net/socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <cstdio>
#include <string>
#include <utility>

namespace epollhost::test {
namespace {

constexpr std::int64_t grace_ns = 3'000'000, asks_again_ns = 10'000'000'000; // the latter is far more than it takes

void say(const char* what, long answer) { std::printf("  %s %ld\n", what, answer); }

/// A listener with room for one, who is there.
struct full_queue {
  full_queue(const char* what, bool is_unix) : listener(listen_at(is_unix, "-queue", 0)) {
    std::printf("script %s over %s\n", what, is_unix ? "unix" : "tcp");
    at = net::local_endpoint(listener.get());
    say("first", net::connect(at, true, first));
  }

  net::result another() {
    const net::result r = net::connect(at, true, second);
    say("second", r);
    return r;
  }

  void accept() {
    const net::result fd = net::accept(listener.get());
    say("accept", fd < 0 ? long(fd) : 0);
    accepted.reset(static_cast<int>(fd));
  }

  net::unique_fd listener, first, second, accepted;
  net::endpoint at;
};

/// An epoll set with one socket.
class watcher {
public:
  watcher(int fd, std::uint32_t mask) : fd_(fd) { set_.add(fd, mask, 0); }
  ~watcher() { set_.remove(fd_); }

  void look(std::int64_t timeout_ns) {
    std::array<epoll_event, 2> events;
    const int n = set_.wait(events, timeout_ns);
    std::printf("  events");
    for (int i = 0; i < n; ++i) std::printf(" %x", events[static_cast<std::size_t>(i)].events);
    std::printf("\n");
  }

private:
  const int fd_;
  net::poller set_;
};

void say_all_of(int fd) {
  std::array<char, 10> room{};
  say("SO_ERROR", net::take_error(fd).value());
  say("receive", net::receive(fd, room.data(), room.size()));
  say("send", net::send(fd, room.data(), room.size()));
}

constexpr std::uint32_t every_edge = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

void play_made_later(const char* what, std::uint32_t mask) {
  full_queue q(what, false);
  q.another();
  watcher w(q.second.get(), mask);
  w.look(grace_ns);
  say_all_of(q.second.get());
  q.accept();
  w.look(asks_again_ns);
  w.look(grace_ns);
  say_all_of(q.second.get());
  q.accept();
  std::array<char, 20> room;
  say("accepted receives", net::receive(q.accepted.get(), room.data(), room.size()));
}

void play_refused_later(const char* what, std::uint32_t mask) {
  full_queue q(what, false);
  q.another();
  watcher w(q.second.get(), mask);
  w.look(grace_ns);
  q.listener.reset();
  w.look(asks_again_ns);
  w.look(grace_ns);
  say_all_of(q.second.get());
  w.look(grace_ns);
  say_all_of(q.first.get()); // it was in the queue
}

// Who waited outside is not there when there is room again; nobody is told of it.
void play_given_up(bool is_unix) {
  full_queue q("given up", is_unix);
  q.another();
  q.second.reset();
  q.accept();
  q.another();
  q.accept();
  q.accept();
}

void play_reset_unseen(bool is_unix) {
  full_queue q("reset before anybody looks", is_unix);
  q.accept();
  say("accepted sends", net::send(q.accepted.get(), "bytes", 5));
  net::abort(q.accepted.release());
  watcher w(q.first.get(), every_edge);
  w.look(grace_ns);
  say_all_of(q.first.get());
  w.look(grace_ns);
}

void play_left_unaccepted(bool is_unix) {
  full_queue q("left before it was accepted", is_unix);
  say("send", net::send(q.first.get(), "bytes", 5));
  q.first.reset();
  q.accept();
  std::array<char, 10> room;
  for (int i = 0; i < 2; ++i) say("accepted receives", net::receive(q.accepted.get(), room.data(), room.size()));
}

// TCP connects to one host only. (Other addresses that cannot be reached are each machine's own.)
void play_unreachable() {
  std::printf("script unreachable over tcp\n");
  for (const char* to : {"255.255.255.255", "224.0.0.1", "239.255.255.255"}) {
    net::endpoint e;
    auto& in = reinterpret_cast<sockaddr_in&>(e.storage);
    in.sin_family = AF_INET;
    in.sin_port = htons(80);
    ::inet_pton(AF_INET, to, &in.sin_addr);
    e.size = sizeof in;
    net::unique_fd fd;
    say(to, net::connect(e, true, fd));
  }
}

} // namespace

void play_queues() {
  play_made_later("made later", every_edge);
  play_made_later("made later, level-triggered", EPOLLOUT);
  play_refused_later("refused later", every_edge);
  play_refused_later("refused later, watched for input", EPOLLIN | EPOLLRDHUP | EPOLLET);
  for (const bool is_unix : {false, true}) {
    play_given_up(is_unix);
    play_reset_unseen(is_unix);
    play_left_unaccepted(is_unix);
  }
  play_unreachable();
}

} // namespace epollhost::test
