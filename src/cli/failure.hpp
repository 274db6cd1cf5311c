// Distributed under the Boost Software License, Version 1.0.
// Why the program ends before or instead of serving: a message and an exit status.
#ifndef EPOLLHOST_CLI_FAILURE_HPP
#define EPOLLHOST_CLI_FAILURE_HPP

#include <stdexcept>
#include <string>

namespace epollhost::cli {

/// What the shell sees. The numbers are documented and never change.
enum class exit_status {
  good = 0,
  unsuccessful = 1,   ///< --signal --wait: what was asked for has failed
  usage = 2,          ///< the command line is not understood
  configuration = 3,  ///< it is understood, and a value, a file or a combination is refused
  cannot_listen = 4,  ///< an address is taken or forbidden
  plugin_refused = 5, ///< a plugin was not found or did not load
  failed = 6          ///< something broke while running
};

/// Ends the program with `status`; `what()` says what was found, what was expected and what to do.
class failure : public std::runtime_error {
public:
  failure(exit_status status, const std::string& message) : std::runtime_error(message), status_(status) {}
  exit_status status() const { return status_; }

private:
  exit_status status_;
};

/// A value that cannot be used. Whoever knows where it was written adds that and makes it a failure.
class bad_value : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

} // namespace epollhost::cli

#endif
