// Distributed under the Boost Software License, Version 1.0.
// The simulated servers: whoever is where the plugin connects to.
#include "sim/backends.hpp"

#include <algorithm>

namespace epollhost::sim {

backends::backends(referee& r, const service& what, const scenery& around) : referee_(r), what_(what), around_(around) {
  referee_.kernel().outside = [this](const net::endpoint& to) { return who_is_at(to); };
}

net::sim::kernel::remote backends::who_is_at(const net::endpoint& to) {
  if (what_.what == service::role::none) return {};
  if (const int error = down(around_, to, referee_.kernel().now_ns())) return {error, {}, {}};
  const net::sim::kernel::link over = way_to_backend(around_, made_++);
  return {0, over, [this, over](net::sim::stream* s) { take(*s, over); }};
}

void backends::take(net::sim::stream& socket, const net::sim::kernel::link& over) {
  const unsigned number = unsigned(connections());
  if (what_.what != service::role::script) {
    const bool at_end = what_.what == service::role::collect;
    echoes_.push_back(
        std::make_unique<backend>(referee_, number, make_backend_manner(around_, number), at_end, socket));
    return;
  }
  ++referee_.count().backends;
  manner how;
  how.cuts = around_.around.calm ? 0 : number % 4;
  how.way = over;
  players_.push_back(std::make_unique<client>(referee_, 1000 + number, what_.script, how, around_.around.seed, [] {}));
  players_.back()->take(socket);
}

std::size_t backends::lost() const {
  return static_cast<std::size_t>(
      std::count_if(echoes_.begin(), echoes_.end(), [](const auto& b) { return b->is_lost(); }));
}

std::size_t backends::open() const {
  const auto is_open = [](const auto& b) { return !b->is_over(); };
  return static_cast<std::size_t>(std::count_if(echoes_.begin(), echoes_.end(), is_open) +
                                  std::count_if(players_.begin(), players_.end(), is_open));
}

} // namespace epollhost::sim
