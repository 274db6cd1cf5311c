// Distributed under the Boost Software License, Version 1.0.
// What concerns the program and not one plugin.
#ifndef EPOLLHOST_MASTER_MASTER_SETTINGS_HPP
#define EPOLLHOST_MASTER_MASTER_SETTINGS_HPP

#include <chrono>
#include <cstddef>
#include <string>

namespace epollhost::master {

struct master_settings {
  std::size_t generations_max = 4; ///< old ones alive at once; past that a reload waits
  std::chrono::nanoseconds ready_timeout = std::chrono::seconds(10);  ///< for new workers to be ready
  std::chrono::nanoseconds reload_timeout = std::chrono::seconds(60); ///< for a reload to wait
  std::string pid_file;                                               ///< empty: none
  std::string control;                                                ///< path of the control socket; empty: none
  unsigned control_mode = 0600;
  std::string user, group; ///< of the workers; empty: as the master
};

} // namespace epollhost::master

#endif
