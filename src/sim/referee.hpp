// Distributed under the Boost Software License, Version 1.0.
// Ends a run: with what was found, or well.
#ifndef EPOLLHOST_SIM_REFEREE_HPP
#define EPOLLHOST_SIM_REFEREE_HPP

#include "net/sim/kernel.hpp"
#include "sim/outcome.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace epollhost::sim {

/// What the clients and the witness of one run share: the kernel, the figures, and whom to tell that a rule is broken.
class referee {
public:
  /// `report` takes the outcome of a failure and does not come back: the run may be in any state.
  referee(net::sim::kernel& k, std::function<void(const outcome&)> report);

  [[noreturn]] void fail(std::string_view rule, const std::string& what);

  net::sim::kernel& kernel() { return kernel_; }
  void note(std::string_view what, std::int64_t on, std::int64_t value) {
    kernel_.notes().note(kernel_.now_ns(), what, on, value);
  }

  /// All figures as they are now.
  figures& count();

private:
  net::sim::kernel& kernel_;
  std::function<void(const outcome&)> report_;
  figures figures_;
};

} // namespace epollhost::sim

#endif
