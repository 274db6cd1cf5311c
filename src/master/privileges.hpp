// Distributed under the Boost Software License, Version 1.0.
// Gives up what a worker does not need.
#ifndef EPOLLHOST_MASTER_PRIVILEGES_HPP
#define EPOLLHOST_MASTER_PRIVILEGES_HPP

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace epollhost::master {

/// Whom a worker runs as.
struct identity {
  std::optional<uid_t> user; ///< none: as before
  std::optional<gid_t> group;
  std::vector<gid_t> groups; ///< with `user` or `group`: all that the process is in
};

/// What `--user` and `--group` mean: names or numbers, empty for none. A user without a group gets the groups that the
/// user database says. Looks into that database, so it is for the master's start. Throws std::invalid_argument.
identity find_identity(const std::string& user, const std::string& group);

/// Become that, for good: groups, group, user; no capability in any set; no program that is executed may gain one
/// (no_new_privs). All but the change of the user also when `who` is empty. For a child before any foreign code.
/// Throws net::system_error; the process must not go on then.
void drop_privileges(const identity& who);

} // namespace epollhost::master

#endif
