// Distributed under the Boost Software License, Version 1.0.
// One random script of calls on sockets and epoll: what is done to its connections.
#include "model/script.hpp"

#include "net/socket.hpp"

#include <sched.h>

#include <array>
#include <vector>

namespace epollhost::test {
namespace {

constexpr std::size_t least = 1, most = 2000; // bytes of a call

// The last answer: below 0, or the end of input. `moved` counts the others.
template <class Call> long repeat(long& moved, Call call) {
  long n = 0;
  while ((n = call()) > 0) moved += n;
  return n;
}

template <class Call> long repeat(Call call) {
  long moved = 0;
  return repeat(moved, call);
}

// A real kernel has some of what was sent on its way for a while, where the room for it was full.
template <class Call> void receive_rest(long sent, long received, Call call) {
  while (received < sent && net::would_block(repeat(received, call))) ::sched_yield();
}

} // namespace

void script::step(side& s) {
  switch (random_.below(22)) {
  case 0: return far_accepts();
  case 1: return random_.below(4) == 0 ? far_starts_again() : far_accepts();
  case 2: return end(s);
  case 3: return say(s, "SO_ERROR", net::take_error(s.ours.get()).value());
  case 4:
  case 5: return watch(s);
  case 6: return receive(s);
  case 7: return say(s, "send", send(s, random_.between(1, 900)));
  case 8: return send_file(s);
  case 9: return finish(s);
  case 10:
  case 11:
  case 12:
  case 13: return step_of_pipe(s);
  case 14:
  case 15:
  case 16:
  case 17:
  case 18: return s.theirs ? step_of_peer(s) : far_accepts();
  default: return look();
  }
}

void script::step_of_peer(side& s) {
  switch (random_.below(7)) {
  case 0:
  case 1: return say(s, "peer sends", s.theirs->send(random_.between(1, 900)));
  case 2: return say(s, "peer receives", s.theirs->receive(random_.between(least, most)));
  case 3: return s.theirs->finish(), say(s, "peer finishes", 0);
  case 4: return s.theirs->close(), say(s, "peer closes", 0);
  case 5: return s.theirs->reset(), say(s, "peer resets", 0);
  default: return fill(s);
  }
}

// It is made by the first fill(), so that comes first.
void script::step_of_pipe(side& s) {
  std::array<char, most> room;
  const std::size_t bytes = random_.between(least, most);
  const auto what = piped_ ? random_.below(8) : 0;
  piped_ = true;
  switch (what) {
  case 0:
  case 1:
  case 2: return say(s, "splice in", pipe_.fill(s.ours.get(), bytes));
  case 3:
  case 4:
  case 5: return say(s, "splice out", pipe_.drain(s.ours.get(), bytes));
  case 6: return say(s, "take", pipe_.take(room.data(), bytes));
  default: return s.theirs ? stuff_pipe(s) : look();
  }
}

void script::receive(side& s) {
  std::array<char, most> room;
  say(s, "receive", net::receive(s.ours.get(), room.data(), random_.between(least, most)));
}

long script::send(side& s, std::size_t bytes) {
  const std::vector<char> zeros(bytes);
  return net::send(s.ours.get(), zeros.data(), bytes);
}

void script::send_file(side& s) {
  const std::uint64_t offset = random_.below(2000);
  say(s, "send file", net::send_file(s.ours.get(), file_.get(), offset, random_.between(1, 900)));
}

// When the FIN of TCP is acknowledged, there is one more edge. The peer's kernel may take its time for it.
void script::finish(side& s) {
  net::shutdown_send(s.ours.get());
  wait_for_acknowledgement(s.ours.get());
  say(s, "shutdown", 0);
}

// How much fits is each kernel's own; that it ends, and that room is told of, is not. What lies in the pipe finds no
// room either.
void script::fill(side& s) {
  const auto peer_receives = [&] { return s.theirs->receive(65'536); };
  long sent = 0, received = 0;
  repeat(peer_receives);
  say(s, "send until full", repeat(sent, [&] { return send(s, 20'000); }));
  look();
  if (piped_) say(s, "splice out", pipe_.drain(s.ours.get(), most));
  say(s, "peer receives all", repeat(received, peer_receives));
  look();
  receive_rest(sent, received, peer_receives);
}

// The same of a pipe.
void script::stuff_pipe(side& s) {
  std::vector<char> room(net::splice_pipe::bytes_max);
  const auto receive = [&] { return net::receive(s.ours.get(), room.data(), room.size()); };
  const auto take = [&] { return pipe_.take(room.data(), room.size()); };
  repeat(take);
  repeat(receive);
  long sent = 0, received = 0, piped = 0;
  do {
    repeat(sent, [&] { return s.theirs->send(20'000); });
    piped = pipe_.fill(s.ours.get(), room.size());
  } while (piped > 0);
  say(s, "splice in until full", piped);
  look();
  say(s, "take all", repeat(received, take));
  look();
  receive_rest(sent, received, receive);
}

} // namespace epollhost::test
