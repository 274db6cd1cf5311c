// Distributed under the Boost Software License, Version 1.0.
// What the user sees: a progress bar, a table, a failure.
#ifndef EPOLLHOST_SIM_REPORT_HPP
#define EPOLLHOST_SIM_REPORT_HPP

#include "sim/campaign.hpp"

#include <chrono>
#include <string>

namespace epollhost::sim {

/// On a terminal one line that is written over; elsewhere nothing.
class progress_bar {
public:
  explicit progress_bar(std::uint64_t of);
  ~progress_bar();
  void show(std::uint64_t done);

private:
  const std::uint64_t of_;
  const bool terminal_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now(), last_{};
};

/// Seeds a second, connections, bytes, faults of each kind.
std::string summary(const campaign_result& r, std::chrono::duration<double> took);

/// Which rule was broken, how, and the last lines of the trace.
std::string explain(const outcome& o, const std::string& trace, std::size_t lines_most);

} // namespace epollhost::sim

#endif
