// Distributed under the Boost Software License, Version 1.0.
// The table of the host's own options.
#ifndef EPOLLHOST_CLI_HOST_OPTIONS_HPP
#define EPOLLHOST_CLI_HOST_OPTIONS_HPP

#include "worker/settings.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace epollhost::cli {

enum class scope {
  command, ///< asks for something else than serving; only on the command line, without a value
  program, ///< once for the program
  instance ///< once for all plugins, or for one of them (`--NAME.option`)
};

/// The path in an option's value, if there is one.
enum class holds {
  no_path,
  path,    ///< of a file or folder
  socket,  ///< of a unix socket
  address, ///< unix:PATH among other forms
  plugin   ///< [NAME=]FILE
};

/// One option of the host. Its type, range and choices are described as a plugin's are.
struct host_option {
  option_description about;
  std::string value; ///< the word for its value in --help; empty: by the type
  enum scope scope = scope::instance;
  bool repeatable = false;
  bool file = true; ///< may stand in a file
  holds what = holds::no_path;
  /// Of an option of an instance: store a text (throws bad_value), and show what is stored.
  void (*set)(worker_settings&, const option_description&, std::string_view) = nullptr;
  std::vector<std::string> (*get)(const worker_settings&, const option_description&) = nullptr;
};

/// All of them, in the order of --help.
std::span<const host_option> host_options();

/// The option of that name, or null.
const host_option* find_host_option(std::string_view name);

} // namespace epollhost::cli

#endif
