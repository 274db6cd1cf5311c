// Distributed under the Boost Software License, Version 1.0.
// What follows from a seed: the net, the faults, the clients.
#include "sim/scenery.hpp"

#include <algorithm>
#include <cerrno>

namespace epollhost::sim {
namespace {

using net::sim::fault;
using net::sim::random_source;

constexpr std::int64_t us = 1000, ms = 1000 * us, second = 1000 * ms;
constexpr std::int64_t patience_ns = 5 * second;
constexpr std::int64_t rough_patience_ns = 60 * second; // deadlines of the program have to pass first

// Streams of random numbers (clients have 100 and 200 more than their number).
enum part_number {
  of_scenery = 20,
  of_faults = 21,
  of_manner = 200,
  of_talk = 300,
  of_address = 1 << 20,
  of_backend = 1 << 21,
  of_way = 1 << 22
};

bool harmful(std::size_t kind) { return kind >= static_cast<std::size_t>(net::sim::first_harmful); }

// Rare enough that a connection gets through within the clients' patience.
unsigned rate(fault f, random_source& random) {
  switch (f) {
  case fault::no_descriptor:
  case fault::table_full:
  case fault::no_buffers:
  case fault::no_memory:
  case fault::accept_aborted: return random.pick<unsigned>({5'000, 50'000});
  case fault::clock_jump: return random.pick<unsigned>({100, 3'000});
  case fault::peer_reset: return random.pick<unsigned>({500, 20'000});
  case fault::connect_refused:
  case fault::connect_unreachable:
  case fault::connect_silent:
  case fault::connect_no_port:
  case fault::connect_no_descriptor:
  case fault::connect_reset:
  case fault::name_fails: return random.pick<unsigned>({50'000, 300'000});
  case fault::file_error:
  case fault::file_shrunk: return random.pick<unsigned>({2'000, 50'000});
  default: return random.pick<unsigned>({2'000, 20'000, 100'000, 250'000});
  }
}

net::sim::fault_source::plan faults_of(const plan& p) {
  random_source random(p.seed, of_faults);
  net::sim::fault_source::plan out;
  for (std::size_t i = 0; i < net::sim::fault_count; ++i) {
    const unsigned per_million = rate(static_cast<fault>(i), random);
    const bool wanted = random.below(2) == 0;
    if (wanted && p.faults >> i & 1 && (is_rough(p.seed) || !harmful(i))) out.per_million[i] = per_million;
  }
  out.most = p.faults_most;
  return out;
}

net::sim::path make_path(random_source& random, bool slow) {
  net::sim::path out;
  out.least_ns = random.pick<std::int64_t>({5 * us, 100 * us});
  out.most_ns = out.least_ns + random.pick<std::int64_t>({10 * us, 1 * ms, 15 * ms});
  out.pieces_max = random.between(1, 4);
  out.send_room = random.pick<std::size_t>({3'000, 20'000, 200'000, 1'000'000});
  out.receive_room = random.pick<std::size_t>({2'000, 20'000, 200'000, 1'000'000});
  if (!slow) out.least_ns = out.most_ns = 0;
  return out;
}

manner make_manner(const plan& p, unsigned number) {
  random_source random(p.seed, of_manner + number);
  manner out;
  out.start_ns = std::int64_t(random.below(50 * ms));
  out.cuts = std::min<std::uint64_t>(p.cuts_most, random.pick<std::uint64_t>({0, 1, 3, 10, 40}));
  out.pause_most_ns = random.pick<std::int64_t>({0, 100 * us, 10 * ms});
  out.reads_most = random.pick<std::size_t>({1 << 20, 1 << 20, 4000, 300});
  out.rest_ns = random.pick<std::int64_t>({0, 0, 200 * us, 1 * ms});
  out.way.to_peer = make_path(random, p.slow_net);
  out.way.from_peer = make_path(random, p.slow_net);
  const auto leaves =
      random.pick<manner::leaving>({manner::leaving::never, manner::leaving::never, manner::leaving::reset,
                                    manner::leaving::close, manner::leaving::vanish, manner::leaving::stop_reading});
  out.leaves_after = random.below(5);
  if (is_rough(p.seed)) out.leaves = leaves;
  out.may_be_reset = is_rough(p.seed);
  out.patience_ns = is_rough(p.seed) ? rough_patience_ns : patience_ns;
  return out;
}

loop::trigger make_trigger(random_source& random) {
  return random.below(2) ? loop::trigger::edge : loop::trigger::level;
}

} // namespace

scenery imagine(const plan& p, std::optional<loop::trigger> trigger, std::size_t talks) {
  random_source random(p.seed, of_scenery);
  scenery out;
  out.how = p;
  const loop::trigger either = make_trigger(random);
  out.around = {trigger.value_or(either), random.below(4) == 0, false, p.seed};
  out.kernel.seed = p.seed;
  out.kernel.faults = faults_of(p);
  out.kernel.choices = p.choices;
  const auto few = random.between(6, 24), signal = random.between(1, 200 * ms);
  if (is_rough(p.seed) && random.below(5) == 0) out.kernel.descriptors_max = few;
  if (is_rough(p.seed) && random.below(3) == 0) out.signal_ns = std::int64_t(signal);
  const auto count = random.below(4) == 0 ? random.between(1, clients_max) : random.between(1, 5);
  for (unsigned i = 0; i < count; ++i) {
    if (!(p.clients >> i & 1)) continue;
    out.clients.push_back({i, random_source(p.seed, of_talk + i).below(talks), make_manner(p, i)});
  }
  return out;
}

backend_manner make_backend_manner(const scenery& s, unsigned number) {
  using leaving = backend_manner::leaving;
  backend_manner out;
  if (s.around.calm) return out;
  random_source random(s.how.seed, of_backend + number);
  out.reads_most = random.pick<std::size_t>({1 << 20, 1 << 20, 4000, 300});
  out.rest_ns = random.pick<std::int64_t>({0, 0, 200 * us, 1 * ms});
  const auto leaves =
      random.pick<leaving>({leaving::never, leaving::never, leaving::never, leaving::reset, leaving::close,
                            leaving::finish, leaving::stall, leaving::stop_reading, leaving::vanish});
  out.leaves_after = random.pick<std::uint64_t>({0, random.below(1000), random.below(100'000)});
  if (is_rough(s.how.seed) && !s.how.calm_backends) out.leaves = leaves;
  return out;
}

net::sim::kernel::link way_to_backend(const scenery& s, unsigned number) {
  net::sim::kernel::link out;
  if (s.around.calm) return out;
  random_source random(s.how.seed, of_way + number);
  out.to_peer = make_path(random, s.how.slow_net);
  out.from_peer = make_path(random, s.how.slow_net);
  return out;
}

int down(const scenery& s, const net::endpoint& at, std::int64_t now_ns) {
  if (s.around.calm || !is_rough(s.how.seed) || s.how.calm_backends) return 0;
  std::uint64_t number = 0;
  for (const char c : to_string(at)) number = number * 131 + static_cast<unsigned char>(c);
  random_source random(s.how.seed, of_address + number);
  const bool is_down = random.below(6) == 0;
  const int error = random.pick<int>({ECONNREFUSED, ETIMEDOUT});
  const auto until_ns = std::int64_t(random.between(1, 20)) * second;
  if (!is_down || now_ns >= until_ns) return 0;
  return at.is_unix() ? ECONNREFUSED : error;
}

scenery undisturbed(std::optional<loop::trigger> trigger, std::size_t talks) {
  scenery out;
  out.around = {trigger.value_or(loop::trigger::edge), false, true, 0};
  for (unsigned i = 0; i < talks; ++i) {
    manner how;
    how.patience_ns = patience_ns;
    how.way.to_peer.send_room = how.way.to_peer.receive_room = std::size_t(1) << 20;
    how.way.from_peer = how.way.to_peer;
    out.clients.push_back({i, i, how});
  }
  return out;
}

} // namespace epollhost::sim
