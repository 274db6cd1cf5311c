// Distributed under the Boost Software License, Version 1.0.
// The variables EPOLLHOST_... of the environment as assignments.
//
//     EPOLLHOST_WORKERS=2        --workers 2         an option of the host
//     EPOLLHOST_HTTP_BODY=Hi     --http.body Hi      one of a plugin instance
//
// Dots and dashes are underscores there, so what a variable means is known only when the plugins are.
#ifndef EPOLLHOST_CLI_ENVIRONMENT_HPP
#define EPOLLHOST_CLI_ENVIRONMENT_HPP

#include "cli/assignment.hpp"
#include "cli/instance.hpp"

#include <span>
#include <string>
#include <vector>

namespace epollhost::cli {

/// `EPOLLHOST_HTTP_BODY` for `http.body`.
std::string variable_name(const std::string& option);

/// All variables of this process, each "NAME=VALUE".
std::vector<std::string> own_variables();

class environment {
public:
  /// Picks its own out of the process's variables, each "NAME=VALUE".
  explicit environment(std::span<const std::string> variables);

  /// Those that name an option of the host for the program or for all instances. Throws failure (configuration) where
  /// one names an option that the environment cannot have.
  std::vector<assignment> of_host() const;

  /// Those that name an option of one of the instances. Throws failure (configuration) where one means two options, or
  /// begins with an instance's name and means none; any other that means nothing is worth a warning.
  std::vector<assignment> of_instances(std::span<const instance> instances, std::vector<std::string>& warnings) const;

private:
  struct variable {
    std::string name, value;
  };
  std::vector<variable> variables_;
};

} // namespace epollhost::cli

#endif
