// Distributed under the Boost Software License, Version 1.0.
// Three tasks on one connection: one ticks, one waits for the end of the server, one reads.
#include <epollhost/async.hpp>

#include <string>

namespace eh = epollhost;

static eh::task<> tick(eh::stream peer) {
  eh::steady_timer beat(peer);
  for (int n = 1;; ++n) { // until the connection ends; then this is destroyed where it waits
    beat.expires_after(std::chrono::milliseconds(20));
    co_await beat.async_wait();
    co_await peer.async_write("tick " + std::to_string(n) + "\n");
  }
}

static eh::task<> say_goodbye(eh::stream peer) {
  co_await peer.async_wait_drain();
  co_await peer.async_write("The server ends.\n");
  peer.close();
}

static eh::task<> serve(eh::stream peer) {
  eh::co_spawn(peer, tick(peer));
  eh::co_spawn(peer, say_goodbye(peer));
  while (const auto line = co_await peer.async_read_until('\n'))
    if (*line == "quit\n") break;
}

EPOLLHOST_COROUTINE(ticker, "1.0.0", "ticks until it is told to quit", ":7004", serve)
