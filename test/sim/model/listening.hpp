// Distributed under the Boost Software License, Version 1.0.
// Makes the listening sockets of the scripts.
#ifndef EPOLLHOST_TEST_SIM_MODEL_LISTENING_HPP
#define EPOLLHOST_TEST_SIM_MODEL_LISTENING_HPP

#include "net/unique_fd.hpp"

#include <string_view>

namespace epollhost::test {

/// A socket at an address of its own, to which nobody can connect. Ends the program if there is none.
net::unique_fd bind_at(bool is_unix, std::string_view which);

/// The same, and it listens.
net::unique_fd listen_at(bool is_unix, std::string_view which, int backlog);

} // namespace epollhost::test

#endif
