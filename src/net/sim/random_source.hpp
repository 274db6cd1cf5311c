// Distributed under the Boost Software License, Version 1.0.
// Numbers that only look random.
#ifndef EPOLLHOST_NET_SIM_RANDOM_SOURCE_HPP
#define EPOLLHOST_NET_SIM_RANDOM_SOURCE_HPP

#include <cstddef>
#include <cstdint>

namespace epollhost::net::sim {

/// A stream of numbers that follows from its seed, on every machine. Source: splitmix64 of Sebastiano Vigna.
class random_source {
public:
  static constexpr unsigned million = 1'000'000;

  explicit random_source(std::uint64_t seed) : state_(seed) {}

  /// A stream of its own for part `part` of what follows from `seed`: one part can be left out, and the others stay.
  random_source(std::uint64_t seed, std::uint64_t part)
      : random_source(random_source(seed ^ part * increment).next()) {}

  std::uint64_t next() {
    std::uint64_t z = state_ += increment;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  /// From 0 to n - 1; n is above 0. (That small numbers are a little more frequent is of no weight here.)
  std::uint64_t below(std::uint64_t n) { return next() % n; }

  /// Both included.
  std::uint64_t between(std::uint64_t least, std::uint64_t most) { return least + below(most - least + 1); }

  /// True so often in a million.
  bool chance(unsigned per_million) { return per_million > 0 && below(million) < per_million; }

  /// One of the list.
  template <class T, std::size_t N> const T& pick(const T (&list)[N]) { return list[below(N)]; }

private:
  static constexpr std::uint64_t increment = 0x9e3779b97f4a7c15;

  std::uint64_t state_;
};

} // namespace epollhost::net::sim

#endif
