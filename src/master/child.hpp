// Distributed under the Boost Software License, Version 1.0.
// Starts child processes that stay in this program.
#ifndef EPOLLHOST_MASTER_CHILD_HPP
#define EPOLLHOST_MASTER_CHILD_HPP

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <span>
#include <string>

namespace epollhost::master {

/// A descriptor that every child keeps: the log's.
void keep_in_children(int fd);

/// No longer: the descriptor is about to be closed.
void forget_in_children(int fd);

/// Fork. The child closes every descriptor but 0, 1, 2, `keep` and those of keep_in_children(), has no blocked signal
/// and default handlers (the terminal's signals ignored), runs `body` and exits with what it answers, without running
/// exit handlers of the parent. Throws system_error in the parent.
pid_t fork_child(std::span<const int> keep, const std::function<int()>& body);

/// Append what comes from a child's pipe until its end; what is beyond `bytes_max` is read and dropped. False if
/// `patience` has passed before the end.
bool read_until_end(int from, std::chrono::nanoseconds patience, std::string& out,
                    std::size_t bytes_max = std::string::npos);

/// Whether there is a child with this number, alive or not yet waited for. Its number is given to no other process.
bool is_child(pid_t pid);

/// "was killed by SIGSEGV", "exited with status 3": what waitpid(2) said.
std::string describe_end(int wait_status);

} // namespace epollhost::master

#endif
