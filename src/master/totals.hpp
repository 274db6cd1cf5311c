// Distributed under the Boost Software License, Version 1.0.
// Sums of what workers have counted.
#ifndef EPOLLHOST_MASTER_TOTALS_HPP
#define EPOLLHOST_MASTER_TOTALS_HPP

#include "worker/worker_page.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace epollhost::master {

/// One figure for each counter of a page, under the name that --status gives it.
class totals {
public:
  struct column {
    std::string_view name;
    counter worker_counters::*member;
  };
  static constexpr std::array<column, 13> columns{{{"accepted", &worker_counters::accepted},
                                                   {"closed", &worker_counters::closed},
                                                   {"messages", &worker_counters::data_calls},
                                                   {"bytes_in", &worker_counters::bytes_in},
                                                   {"bytes_out", &worker_counters::bytes_out},
                                                   {"resets", &worker_counters::reset_by_peer},
                                                   {"timeouts", &worker_counters::timed_out},
                                                   {"failures", &worker_counters::plugin_failures},
                                                   {"breaches", &worker_counters::contract_breaches},
                                                   {"accept_failures", &worker_counters::accept_failures},
                                                   {"file_failures", &worker_counters::file_failures},
                                                   {"connects", &worker_counters::connects},
                                                   {"connect_failures", &worker_counters::connect_failures}}};

  void add(const worker_page& page) {
    for (std::size_t i = 0; i < columns.size(); ++i) values_[i] += page.counters.*columns[i].member;
    turns_ += page.loop.turns;
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
    lines += c.lines;
    bytes += c.bytes;
    dropped += c.dropped;
  }
};

} // namespace epollhost::master

#endif
