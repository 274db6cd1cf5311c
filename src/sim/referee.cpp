// Distributed under the Boost Software License, Version 1.0.
// Ends a run: with what was found, or well.
#include "sim/referee.hpp"

#include <cstdlib>
#include <utility>

namespace epollhost::sim {

referee::referee(net::sim::kernel& k, std::function<void(const outcome&)> report)
    : kernel_(k), report_(std::move(report)) {
  kernel_.when_broken = [this](const std::string& what) { fail("kernel", what); };
}

void referee::fail(std::string_view rule, const std::string& what) {
  report_({std::string(rule), what, count(), {}});
  std::abort(); // it does not come back
}

figures& referee::count() {
  figures_.hash = kernel_.notes().hash();
  figures_.faults = kernel_.faults().counts();
  figures_.injected = kernel_.faults().injected();
  figures_.virtual_ns = kernel_.now_ns();
  return figures_;
}

} // namespace epollhost::sim
