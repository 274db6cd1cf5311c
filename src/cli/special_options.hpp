// Distributed under the Boost Software License, Version 1.0.
// Options of the host whose values are of no common type: addresses, a mode, a number or a word.
#ifndef EPOLLHOST_CLI_SPECIAL_OPTIONS_HPP
#define EPOLLHOST_CLI_SPECIAL_OPTIONS_HPP

#include "cli/host_options.hpp"

namespace epollhost::cli {

host_option listen_option();
host_option unix_mode_option();
host_option unix_user_option();
host_option unix_group_option();
host_option workers_option();
host_option record_option();
host_option record_peer_option();

} // namespace epollhost::cli

#endif
