// Distributed under the Boost Software License, Version 1.0.
// The kernel's errors as values.
#ifndef EPOLLHOST_NET_ERROR_HPP
#define EPOLLHOST_NET_ERROR_HPP

#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>

#include <cerrno>

namespace epollhost::net {

using boost::system::error_code;
using boost::system::system_error;

/// errno as an error_code.
inline error_code last_error() { return {errno, boost::system::system_category()}; }

/// Throw errno with the call that set it. Only while setting up.
[[noreturn]] inline void throw_last_error(const char* call) { throw system_error(last_error(), call); }

} // namespace epollhost::net

#endif
