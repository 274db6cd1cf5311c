// Distributed under the Boost Software License, Version 1.0.
// Tells systemd what the master does. Source: sd_notify(3), written here so that no library is linked for it.
#ifndef EPOLLHOST_MASTER_SERVICE_MANAGER_HPP
#define EPOLLHOST_MASTER_SERVICE_MANAGER_HPP

#include "net/error.hpp"

#include <sys/types.h>

#include <chrono>
#include <string>

namespace epollhost::master {

/// Speaks to the socket in $NOTIFY_SOCKET; without one each call does nothing. The variables stay in the environment:
/// the image after an upgrade needs them, and systemd believes only the main process.
class service_manager {
public:
  service_manager(); ///< reads the environment

  bool present() const { return !socket_.empty(); }

  /// How often watchdog() should be called: half of what the unit asks for; 0 if it asks for nothing.
  std::chrono::microseconds watchdog_period() const { return watchdog_period_; }

  // Each never blocks. Errors: the kernel's; the master goes on without.
  net::error_code ready(const std::string& status) const; ///< at the start, and after each reload
  net::error_code reloading() const;
  net::error_code stopping(const std::string& status) const;
  net::error_code status(const std::string& text) const;
  net::error_code watchdog() const;
  net::error_code main_process(pid_t pid) const; ///< of the image after an upgrade

private:
  net::error_code send(const std::string& message) const;

  std::string socket_;
  std::chrono::microseconds watchdog_period_{0};
};

} // namespace epollhost::master

#endif
