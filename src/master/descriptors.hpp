// Distributed under the Boost Software License, Version 1.0.
// The descriptors of a process that was forked for one task.
#ifndef EPOLLHOST_MASTER_DESCRIPTORS_HPP
#define EPOLLHOST_MASTER_DESCRIPTORS_HPP

#include <vector>

namespace epollhost::master {

/// Close every descriptor that is not named; a negative one names none. For a forked child only: others would find
/// that their objects own closed numbers.
void close_all_but(std::vector<int> kept);

} // namespace epollhost::master

#endif
