// Distributed under the Boost Software License, Version 1.0.
// What is asked of a file before it is sent.
#ifndef EPOLLHOST_NET_FILE_HPP
#define EPOLLHOST_NET_FILE_HPP

#include <cstdint>

namespace epollhost::net {

/// The size of a regular file in bytes; or -errno, and -EINVAL for what is no regular file: a pipe or a device has no
/// offsets, and reading it may block for ever. Source: fstat(2).
std::int64_t regular_file_bytes(int fd);

} // namespace epollhost::net

#endif
