// Distributed under the Boost Software License, Version 1.0.
// A simulated listening socket.
#include "net/sim/acceptor.hpp"

#include "net/sim/kernel.hpp"
#include "net/sim/stream.hpp"

#include <sys/epoll.h>

#include <algorithm>

namespace epollhost::net::sim {

void acceptor::listen(int backlog) {
  listens_ = true;
  backlog_ = static_cast<std::size_t>(std::max(0, backlog));
}

void acceptor::push(stream& s) {
  waiting_.push_back(&s);
  wake(EPOLLIN);
}

stream* acceptor::pop() {
  if (waiting_.empty()) return nullptr;
  stream* const s = waiting_.front();
  waiting_.pop_front();
  return s;
}

std::uint32_t acceptor::poll() { return waiting_.empty() ? 0 : std::uint32_t(EPOLLIN); }

// Whoever waits in the queue of a socket that is closed is reset.
void acceptor::released(bool) {
  kernel_.forget(*this);
  for (stream* s : waiting_) s->released_unaccepted();
  waiting_.clear();
}

} // namespace epollhost::net::sim
