// Distributed under the Boost Software License, Version 1.0.
// How long the answers took, in a table of fixed size.
#ifndef BENCH_LOAD_LATENCIES_HPP
#define BENCH_LOAD_LATENCIES_HPP

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace bench {

/// A histogram whose cells are at most 1/16 of their value wide, from 1 ns to 2^40 ns.
class latencies {
public:
  void add(std::uint64_t ns) {
    ++cells_[cell_of(ns)];
    ++count_;
  }

  /// The value below which this part (0 to 1) of all lie, in nanoseconds; 0 if there are none.
  std::uint64_t at(double part) const {
    auto left = static_cast<std::uint64_t>(part * static_cast<double>(count_));
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      if (cells_[i] > left) return value_of(i);
      left -= cells_[i];
    }
    return 0;
  }

private:
  static constexpr unsigned fine_bits = 4, most_bits = 40;

  static std::size_t cell_of(std::uint64_t ns) {
    const unsigned bits = static_cast<unsigned>(std::bit_width(ns));
    if (bits <= fine_bits) return ns;
    if (bits > most_bits) return cell_count - 1;
    const unsigned shift = bits - 1 - fine_bits;
    return ((std::size_t(shift) + 1) << fine_bits) + ((ns >> shift) & ((1u << fine_bits) - 1));
  }
  static std::uint64_t value_of(std::size_t cell) {
    const std::size_t group = cell >> fine_bits, fine = cell & ((1u << fine_bits) - 1);
    return group == 0 ? fine : ((std::uint64_t(1) << fine_bits) + fine) << (group - 1);
  }

  static constexpr std::size_t cell_count = std::size_t(most_bits - fine_bits + 1) << fine_bits;
  std::array<std::uint64_t, cell_count> cells_{};
  std::uint64_t count_ = 0;
};

} // namespace bench

#endif
