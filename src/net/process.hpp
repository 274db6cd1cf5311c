// Distributed under the Boost Software License, Version 1.0.
// What this process has from the one that started it.
#ifndef EPOLLHOST_NET_PROCESS_HPP
#define EPOLLHOST_NET_PROCESS_HPP

#include <cstdint>

namespace epollhost::net {

/// Opens /dev/null for each of descriptors 0, 1 and 2 that is closed: else a socket would get the number, and what is
/// written to the standard error would go to a peer. Before any other descriptor is opened.
void open_standard_descriptors();

/// Lets the process open as many descriptors as it may (the soft limit becomes the hard one); answers how many.
std::uint64_t raise_descriptor_limit();

/// A write to a pipe or socket without a reader is an error and not the end of the process.
void ignore_broken_pipes();

} // namespace epollhost::net

#endif
