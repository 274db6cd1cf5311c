// Distributed under the Boost Software License, Version 1.0.
// Replaces the program in place.
#ifndef EPOLLHOST_MASTER_UPGRADE_HPP
#define EPOLLHOST_MASTER_UPGRADE_HPP

#include "master/handover.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace epollhost::master {

/// The command that this process was started with.
struct command {
  std::string program; ///< absolute path; whatever lies there at an upgrade is the new program
  std::vector<std::string> words;

  /// Of this process. `words` are those after the program's name.
  static command of_this_process(std::vector<std::string> words);
};

/// Ask the program that lies at the path now, in a child, whether it takes the same options (its --check). Answers an
/// empty text, or why not: it refuses them, crashes, hangs or is no epollhost. Blocks for at most `patience`.
std::string check_new_program(const command& c, std::chrono::seconds patience);

/// What a program says at the end of its --check if it can take over from the one that asked for it.
inline constexpr std::string_view takes_over_word = "it can take over from the running program";

/// In a --check that a running program asked for: the form of its handover.
std::optional<std::string> asked_to_take_over();

/// An open description of this program's file, for going back to it when the path holds another one.
int open_this_program();

/// Execute the new program in this process; it finds the handover and the way back. Returns only if that fails: with
/// the reason.
std::string execute(const command& c, const handover& h);

} // namespace epollhost::master

#endif
