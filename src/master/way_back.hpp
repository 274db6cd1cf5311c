// Distributed under the Boost Software License, Version 1.0.
// The way back from a new image of the program to the one before it, in the same process.
#ifndef EPOLLHOST_MASTER_WAY_BACK_HPP
#define EPOLLHOST_MASTER_WAY_BACK_HPP

#include <chrono>
#include <optional>
#include <string>

namespace epollhost::master {

/// In the old image, before exec(2): leave a note of how to execute this image again: `program`, a descriptor of its
/// file, its arguments and its environment. The form of the note never changes, so that a new image goes back whatever
/// else it does not understand. Throws system_error.
void leave_way_back(int program);

/// The exec(2) has failed: take the note away again.
void forget_way_back();

/// In a new image, before it reads anything else: from now on a crash, an abort, or `patience` without stay() executes
/// the image before, which finds the same handover. In an image that was gone back to, and in one that nobody has
/// executed in place, it does nothing: that one stays whatever happens. Throws system_error, runtime_error.
void arm_way_back(std::chrono::nanoseconds patience);

/// In an image that was gone back to, until stay(): what was wrong with the new one.
std::optional<std::string> why_it_went_back();

/// Go back now, if this image still may: then it does not return.
void go_back_if_possible(const std::string& why);

/// The signal asks for something that only takes place if this image stays. If it goes back, the image before gets the
/// signal again.
void repeat_after_going_back(int signal);

/// The image serves, or was asked to end: it stays.
void stay();

} // namespace epollhost::master

#endif
