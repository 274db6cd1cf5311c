// Distributed under the Boost Software License, Version 1.0.
// The host's log, caught for a test.
#ifndef EPOLLHOST_TEST_SUPPORT_LOG_LINES_HPP
#define EPOLLHOST_TEST_SUPPORT_LOG_LINES_HPP

#include <string>
#include <string_view>
#include <vector>

namespace epollhost::test {

/// While it lives, log lines come here and not to the standard error. One at a time.
class log_lines {
public:
  log_lines();
  ~log_lines();
  log_lines(const log_lines&) = delete;

  std::vector<std::string> all() const;

  /// The first line in which each of these stands; empty if there is none.
  std::string with(std::initializer_list<std::string_view> words) const;
};

} // namespace epollhost::test

#endif
