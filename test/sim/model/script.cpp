// Distributed under the Boost Software License, Version 1.0.
// One random script of calls on sockets and epoll: how its connections begin, and what is seen of them.
#include "model/script.hpp"

#include "model/listening.hpp"

#include "net/connect.hpp"
#include "net/socket.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace epollhost::test {
namespace {

constexpr std::int64_t grace_ns = 3'000'000; // a real kernel may deliver behind the call that sent
constexpr unsigned steps = 50;
constexpr int backlog = 16;
constexpr std::uint64_t of_listener = 9; // among the events
constexpr off_t file_bytes = 1500;

} // namespace

script::script(std::uint64_t seed)
    : random_(seed), is_unix_(random_.below(2) == 0), listener_(listen_at(is_unix_, "", backlog)),
      far_(listen_at(is_unix_, "-far", backlog)), nobody_(bind_at(is_unix_, "-nobody")),
      file_(::memfd_create("model", MFD_CLOEXEC)) {
  std::printf("script %llu over %s\n", static_cast<unsigned long long>(seed), is_unix_ ? "unix" : "tcp");
  if (!file_ || ::ftruncate(file_.get(), file_bytes) != 0) std::printf("there is no file to send\n");
  poller_.add(listener_.get(), EPOLLIN, of_listener);
}

script::~script() {
  poller_.remove(listener_.get());
  for (side& s : sides_)
    if (s.ours) leave(s), s.ours.reset();
}

void script::play() {
  for (unsigned left = steps; left > 0; --left) {
    side& s = sides_[random_.below(connections)];
    if (!s.ours)
      begin(s);
    else
      step(s);
  }
  look();
}

// ---- how a connection begins, and ends

void script::begin(side& s) {
  switch (random_.below(5)) {
  case 0: return connect(s, true);
  case 1:
  case 2: return connect(s, false);
  default: return accept(s);
  }
}

void script::accept(side& s) {
  s.theirs = connect_peer(net::local_endpoint(listener_.get()));
  if (random_.below(3) == 0) say(s, "peer sends before accept", s.theirs->send(5));
  look();
  const net::result fd = net::accept(listener_.get());
  say(s, "accept", fd >= 0);
  s.ours.reset(static_cast<int>(fd));
  say(s, "accept again", net::accept(listener_.get()));
}

void script::connect(side& s, bool to_nobody) {
  const net::result r = net::connect(net::local_endpoint(to_nobody ? nobody_.get() : far_.get()), true, s.ours);
  say(s, to_nobody ? "connect to nobody" : "connect", r);
  if (r != 0 && r != -EINPROGRESS) return s.ours.reset();
  if (!to_nobody) waiting_.push_back(number(s));
}

void script::far_accepts() {
  const net::result fd = net::accept(far_.get());
  std::printf("  far accept %ld\n", fd < 0 ? long(fd) : 0);
  if (fd < 0 || waiting_.empty()) return;
  auto theirs = make_peer(net::unique_fd(static_cast<int>(fd)));
  const std::size_t of = std::exchange(waiting_.front(), connections);
  waiting_.pop_front();
  if (of < connections)
    sides_[of].theirs = std::move(theirs);
  else
    std::printf("  who was accepted receives %ld\n", theirs->receive(5000));
}

// Whoever waits in its queue is reset.
void script::far_starts_again() {
  std::printf("  far listener ends, with %zu in its queue\n", waiting_.size());
  far_.reset();
  waiting_.clear();
  far_ = listen_at(is_unix_, "-far", backlog);
}

void script::end(side& s) {
  leave(s);
  const bool reset = random_.below(2);
  say(s, reset ? "abort" : "close", 0);
  if (reset)
    net::abort(s.ours.release());
  else
    s.ours.reset();
  look();
  std::replace(waiting_.begin(), waiting_.end(), number(s), connections);
  if (!s.theirs) return;
  say(s, "peer receives", s.theirs->receive(5000)); // all that was sent, or its part
  say(s, "peer receives", s.theirs->receive(5000));
  s.theirs.reset();
}

// ---- what is seen of it

void script::say(const side& s, const char* what, long answer) const {
  std::printf("  %zu %s %ld\n", number(s), what, answer);
}

void script::watch(side& s) {
  constexpr std::uint32_t masks[] = {EPOLLIN,
                                     EPOLLIN | EPOLLRDHUP,
                                     EPOLLIN | EPOLLRDHUP | EPOLLET,
                                     EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                                     EPOLLOUT,
                                     EPOLLIN | EPOLLET,
                                     0};
  const std::uint32_t mask = random_.pick(masks);
  const int fd = s.ours.get();
  const auto ec = s.watched ? poller_.modify(fd, mask, number(s)) : poller_.add(fd, mask, number(s));
  s.watched = true;
  say(s, "watch", long(mask & 0xffff) + (mask & EPOLLET ? 1'000'000 : 0) - ec.value());
}

void script::leave(side& s) {
  if (s.watched) poller_.remove(s.ours.get());
  s.watched = false;
}

void script::look() {
  std::array<epoll_event, 8> events;
  const int n = poller_.wait(events, grace_ns);
  std::printf("  events");
  for (int i = 0; i < n; ++i) {
    const epoll_event e = events[static_cast<std::size_t>(i)];
    std::printf(" %d:%x", static_cast<int>(e.data.u64), e.events);
  }
  std::printf("\n");
}

} // namespace epollhost::test
