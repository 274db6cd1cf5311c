// Distributed under the Boost Software License, Version 1.0.
// The listening sockets that systemd opened for us. Source: sd_listen_fds(3).
#ifndef EPOLLHOST_MASTER_PASSED_SOCKETS_HPP
#define EPOLLHOST_MASTER_PASSED_SOCKETS_HPP

#include "net/unique_fd.hpp"

#include <map>
#include <string>
#include <vector>

namespace epollhost::master {

/// By the name that the socket unit gives them (FileDescriptorName=, which is the unit's name by default).
using passed_sockets = std::map<std::string, std::vector<net::unique_fd>>;

/// The most that are taken.
inline constexpr int passed_sockets_max = 1024;

/// Take them: non-blocking, closed on exec; the variables are removed, so that no child takes them again. Empty if none
/// were passed to this process. Throws std::runtime_error if one is no listening stream socket, or if what the
/// variables say makes no sense. Call it first of all, before anything else opens a descriptor or starts a thread.
passed_sockets take_passed_sockets();

} // namespace epollhost::master

#endif
