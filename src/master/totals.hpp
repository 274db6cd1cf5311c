// Distributed under the Boost Software License, Version 1.0.
// Sums of what workers have counted.
#ifndef EPOLLHOST_MASTER_TOTALS_HPP
#define EPOLLHOST_MASTER_TOTALS_HPP

#include "worker/worker_page.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace epollhost::master {

/// A plugin may have overwritten its page. What no worker can have counted, nor JSON can show, counts as nothing.
inline std::uint64_t plausible(const counter& c) {
  constexpr std::uint64_t figure_max = std::uint64_t(1) << 53;
  const std::uint64_t n = c; // of which copies are looked at: the plugin may still write there
  return n <= figure_max ? n : 0;
}

/// The connections that a page shows: not more than a loop has slots for.
inline std::uint64_t open_of(const worker_page& page) {
  const std::uint64_t n = page.open;
  return n < (std::uint64_t(1) << 24) ? n : 0;
}

/// One figure for each counter of a page, under the name that --status gives it.
class totals {
public:
  struct column {
    std::string_view name;
    counter worker_counters::*member;
  };
  // accepted + connects = closed + connects_closed + the connections that are open now.
  static constexpr std::array<column, 14> columns{{{"accepted", &worker_counters::accepted},
                                                   {"connects", &worker_counters::connects},
                                                   {"closed", &worker_counters::closed},
                                                   {"data_calls", &worker_counters::data_calls},
                                                   {"bytes_in", &worker_counters::bytes_in},
                                                   {"bytes_out", &worker_counters::bytes_out},
                                                   {"resets", &worker_counters::reset_by_peer},
                                                   {"timeouts", &worker_counters::timed_out},
                                                   {"failures", &worker_counters::plugin_failures},
                                                   {"breaches", &worker_counters::contract_breaches},
                                                   {"accept_failures", &worker_counters::accept_failures},
                                                   {"file_failures", &worker_counters::file_failures},
                                                   {"connect_failures", &worker_counters::connect_failures},
                                                   {"connects_closed", &worker_counters::connects_closed}}};

  void add(const worker_page& page) {
    for (std::size_t i = 0; i < columns.size(); ++i) values_[i] += plausible(page.counters.*columns[i].member);
    turns_ += plausible(page.loop.turns);
  }
  std::uint64_t operator[](std::size_t column) const { return values_[column]; }
  std::uint64_t turns() const { return turns_; }

private:
  std::array<std::uint64_t, columns.size()> values_{};
  std::uint64_t turns_ = 0;
};

/// The same of log channels: one path of an instance.
struct channel_totals {
  std::uint64_t lines = 0, bytes = 0, dropped = 0;

  void add(const channel_counters& c) {
    lines += plausible(c.lines);
    bytes += plausible(c.bytes);
    dropped += plausible(c.dropped);
  }
};

} // namespace epollhost::master

#endif
