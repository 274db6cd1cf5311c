// Distributed under the Boost Software License, Version 1.0.
// A coroutine that ends in each way that a line tells it: an exception, a deadline, an end in order.
#include <epollhost/async.hpp>

#include <stdexcept>

namespace eh = epollhost;

static eh::task<> serve(eh::stream peer) {
  while (const auto line = co_await peer.async_read_until('\n')) {
    co_await peer.async_write(*line);
    if (*line == "throw\n") throw std::runtime_error("it was told to");
    if (*line == "wait\n") peer.expires_after(std::chrono::milliseconds(10));
    if (*line == "quit\n") co_return;
  }
}

EPOLLHOST_COROUTINE(stumbler, "1.0.0", "ends as it is told to", "127.0.0.1:0", serve)
