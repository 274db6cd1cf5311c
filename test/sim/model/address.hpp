// Distributed under the Boost Software License, Version 1.0.
// Where the servers of these tests listen.
#ifndef EPOLLHOST_TEST_SIM_MODEL_ADDRESS_HPP
#define EPOLLHOST_TEST_SIM_MODEL_ADDRESS_HPP

#include "net/endpoint.hpp"

#include <string_view>

namespace epollhost::test {

/// 127.0.0.1 with a port of the kernel's choice, or an abstract unix name that is this process's, another one for each
/// `which`.
net::endpoint model_address(bool is_unix, std::string_view which = "");

} // namespace epollhost::test

#endif
