// Distributed under the Boost Software License, Version 1.0.
// When workers that died are replaced.
#include "master/restarts.hpp"

#include "net/clock.hpp"

#include <algorithm>

namespace epollhost::master {

std::chrono::milliseconds restarts::schedule(place where, std::int64_t started_ns) {
  auto& e = pending_[where];
  const bool lived_long = net::monotonic_ns() - started_ns >= std::chrono::nanoseconds(long_life).count();
  if (!e || lived_long) {
    e = std::make_unique<entry>(loop_);
  } else {
    e->delay = std::clamp(e->delay * 2, least, most);
  }
  e->timer.expires_after(e->delay);
  e->timer.async_wait([this, where](boost::system::error_code ec) {
    if (!ec) again_(where);
  });
  return e->delay;
}

} // namespace epollhost::master
