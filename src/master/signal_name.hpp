// Distributed under the Boost Software License, Version 1.0.
// The name of a signal.
#ifndef EPOLLHOST_MASTER_SIGNAL_NAME_HPP
#define EPOLLHOST_MASTER_SIGNAL_NAME_HPP

#include <string>

namespace epollhost::master {

/// "SIGSEGV", "SIGRTMIN+1", "signal 99".
std::string signal_name(int signal);

} // namespace epollhost::master

#endif
