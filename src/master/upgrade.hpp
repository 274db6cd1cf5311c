// Distributed under the Boost Software License, Version 1.0.
// Replaces the program in place, and goes back if that fails.
#ifndef EPOLLHOST_MASTER_UPGRADE_HPP
#define EPOLLHOST_MASTER_UPGRADE_HPP

#include "master/handover.hpp"

#include <chrono>
#include <functional>
#include <string>
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

/// An open description of this program's file, for going back to it when the path holds another one.
int open_this_program();

/// Execute the new program in this process. Returns only if that fails: with the reason.
std::string execute(const command& c, const handover& h);

/// In a new image, before anything else: if it crashes, aborts or has not settled in `patience`, a signal takes the
/// process back to the program before it, which finds the same handover. An image that has come back this way stays
/// whatever happens; answers whether this is one.
bool go_back_unless_settled(const handover& h, std::chrono::nanoseconds patience);

/// Go back now, if this image still may: then it does not return.
void go_back_if_possible(const std::string& why);

/// The image serves: it stays.
void stay();

} // namespace epollhost::master

#endif
