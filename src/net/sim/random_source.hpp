// Distributed under the Boost Software License, Version 1.0.
// Numbers that only look random.
#ifndef EPOLLHOST_NET_SIM_RANDOM_SOURCE_HPP
#define EPOLLHOST_NET_SIM_RANDOM_SOURCE_HPP

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace epollhost::net::sim {

/// Bytes of somebody who chooses what else is left to chance: a search for the schedule that breaks something.
class choices {
public:
  explicit choices(std::string_view bytes) : left_(bytes) {}

  bool empty() const { return left_.empty(); }
  unsigned char take() {
    const char c = left_.front();
    left_.remove_prefix(1);
    return static_cast<unsigned char>(c);
  }

private:
  std::string_view left_;
};

/// A stream of numbers that follows from its seed, on every machine. Source: splitmix64 of Sebastiano Vigna.
class random_source {
public:
  static constexpr unsigned million = 1'000'000;

  explicit random_source(std::uint64_t seed) : state_(seed) {}

  /// A stream of its own for part `part` of what follows from `seed`: one part can be left out, and the others stay.
  random_source(std::uint64_t seed, std::uint64_t part)
      : random_source(random_source(seed ^ part * increment).next()) {}

  /// The same, but that as long as there are choices, each number is one of them.
  random_source(std::uint64_t seed, std::uint64_t part, choices* before) : random_source(seed, part) {
    chosen_ = before;
  }

  std::uint64_t next() {
    if (is_chosen()) return every_byte * chosen_->take();
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
  bool chance(unsigned per_million) {
    if (per_million > 0 && is_chosen()) return chosen_->take() % 8 == 7; // what is rare must be easy to choose
    return per_million > 0 && below(million) < per_million;
  }

  /// One of the list.
  template <class T, std::size_t N> const T& pick(const T (&list)[N]) { return list[below(N)]; }

private:
  static constexpr std::uint64_t increment = 0x9e3779b97f4a7c15, every_byte = 0x0101010101010101;

  bool is_chosen() const { return chosen_ && !chosen_->empty(); }

  std::uint64_t state_;
  choices* chosen_ = nullptr;
};

} // namespace epollhost::net::sim

#endif
