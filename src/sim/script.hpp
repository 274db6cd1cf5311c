// Distributed under the Boost Software License, Version 1.0.
// Conversations from a file.
#ifndef EPOLLHOST_SIM_SCRIPT_HPP
#define EPOLLHOST_SIM_SCRIPT_HPP

#include "sim/talk.hpp"

#include <stdexcept>
#include <string>
#include <string_view>

namespace epollhost::sim {

/// A script that cannot be read. what() is one line for the user, with file and line.
struct bad_script : std::runtime_error {
  using runtime_error::runtime_error;
};

/// One step a line: `send "bytes"`, `expect "bytes"`, `pause 20ms`, `finish`, `close`, `reset`; `#` begins a comment.
/// Inside quotes stand \r \n \t \0 \\ \" and \xNN. A script that does not say how it ends, finishes. Throws bad_script.
conversation parse_script(std::string_view text, const std::string& file);

/// The same of a file.
conversation read_script(const std::string& file);

} // namespace epollhost::sim

#endif
