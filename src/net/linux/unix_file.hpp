// Distributed under the Boost Software License, Version 1.0.
// The file of a unix socket: made by one of several programs that want it.
#ifndef EPOLLHOST_NET_LINUX_UNIX_FILE_HPP
#define EPOLLHOST_NET_LINUX_UNIX_FILE_HPP

#include "net/listen.hpp"

namespace epollhost::net {

/// Bind the socket to the path of `at`. A file left by a socket that has gone is replaced; EADDRINUSE if anything else
/// lies there, or if another program is just doing the same.
error_code bind_unix_file(int fd, const endpoint& at, const unix_access& access);

} // namespace epollhost::net

#endif
