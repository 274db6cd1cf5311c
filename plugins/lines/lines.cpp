// Distributed under the Boost Software License, Version 1.0.
// Answers each line with itself: a protocol as a coroutine. doc/lines.adoc walks through it.
#include <epollhost/async.hpp>

namespace eh = epollhost;

static eh::task<> serve(eh::stream peer) {
  while (auto line = co_await peer.async_read_until('\n')) // a view of one line; none at the end of input
    co_await peer.async_write(*line);
}

EPOLLHOST_COROUTINE(lines, EPOLLHOST_VERSION, "answers each line with itself", ":7001", serve)
