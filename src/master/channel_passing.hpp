// Distributed under the Boost Software License, Version 1.0.
// How the master gives a log channel's pipe to the log process, and hears of its end.
#ifndef EPOLLHOST_MASTER_CHANNEL_PASSING_HPP
#define EPOLLHOST_MASTER_CHANNEL_PASSING_HPP

#include "net/unique_fd.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace epollhost::master {

/// Two ends that keep messages whole and do not block: the master's, and the log process's. Throws net::system_error.
std::pair<net::unique_fd, net::unique_fd> channel_socket_pair();

/// What goes through the pipe.
enum class channel_content : std::uint64_t { lines, recording, log };

struct passed_channel {
  std::uint64_t id = 0;
  channel_content content{};
  std::string path;
  net::unique_fd reader; ///< empty where this process may open no more descriptors
};

/// Give a copy of the pipe's reading end. False if it cannot be taken now, or never: the other end is gone.
bool pass_channel(int socket, std::uint64_t id, channel_content content, const std::string& path, int reader);

/// The next one that was given, if one waits. `ended`: none will come.
std::optional<passed_channel> take_channel(int socket, bool& ended);

/// Say that the pipe of this number has ended and its lines are written. False as above.
bool tell_channel_ended(int socket, std::uint64_t id);

/// The next number of which that was said. `ended`: none will come.
std::optional<std::uint64_t> hear_channel_ended(int socket, bool& ended);

} // namespace epollhost::master

#endif
