// Distributed under the Boost Software License, Version 1.0.
// One option given by the user, on the command line, in the environment or in a file.
#ifndef EPOLLHOST_CLI_ASSIGNMENT_HPP
#define EPOLLHOST_CLI_ASSIGNMENT_HPP

#include "cli/failure.hpp"

#include <optional>
#include <string>

namespace epollhost::cli {

/// Where a value was written. A later kind wins over an earlier one.
struct origin {
  enum class kind { fallback, plugin, file, environment, command_line };
  kind from = kind::fallback;
  std::string file; ///< or the variable of the environment
  unsigned line = 0;

  bool operator==(const origin&) const = default;
};

/// "default", "plugin", "/etc/epollhost.conf:3", "EPOLLHOST_CORK", "command line".
std::string to_string(const origin& from);

struct assignment {
  std::string instance; ///< the plugin's name before the dot, or the section; empty: all
  std::string option;
  std::optional<std::string> value; ///< absent: the bare option
  origin from;
  std::string folder{}; ///< where a relative path in the value begins; empty: the current one

  bool operator==(const assignment&) const = default;
};

/// How the user wrote the option: `--http.body`, `EPOLLHOST_HTTP_BODY`, or `/etc/epollhost.conf:3: [http] body`.
std::string to_string(const assignment& a);

/// `instance.option` or `option`.
std::string full_name(const assignment& a);

/// A failure that begins with where the assignment was written.
failure at(const assignment& a, exit_status status, const std::string& message);

/// How the program ends when the assignment is not understood: by where it was written.
exit_status status_of(const assignment& a);

/// Splits at the first dot, unless the name begins with it.
void set_name(assignment& a, std::string_view name);

} // namespace epollhost::cli

#endif
