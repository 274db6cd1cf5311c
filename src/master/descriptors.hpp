// Distributed under the Boost Software License, Version 1.0.
// What the master's processes ask of descriptors, whatever they are.
#ifndef EPOLLHOST_MASTER_DESCRIPTORS_HPP
#define EPOLLHOST_MASTER_DESCRIPTORS_HPP

#include <vector>

namespace epollhost::master {

/// Close every descriptor that is not named; a negative one names none. For a forked child only: others would find
/// that their objects own closed numbers.
void close_all_but(std::vector<int> kept);

/// Whether it is a socket, to which send(2) and not write(2) is asked not to block. False for a closed one.
bool is_socket(int fd);

} // namespace epollhost::master

#endif
