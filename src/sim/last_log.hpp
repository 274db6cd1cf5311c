// Distributed under the Boost Software License, Version 1.0.
// The last line that was logged, for a run that ends with an exception.
#ifndef EPOLLHOST_SIM_LAST_LOG_HPP
#define EPOLLHOST_SIM_LAST_LOG_HPP

#include <string>
#include <string_view>

namespace epollhost::sim {

/// A sink for the log: what the host says of a fault is no news, so no line is shown.
bool keep_last_line(std::string_view line);

/// Without its end of line; empty if there was none.
const std::string& last_line();

} // namespace epollhost::sim

#endif
