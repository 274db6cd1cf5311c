// Distributed under the Boost Software License, Version 1.0.
// Inherited process state: decides once what this program takes over from the process that started it.
#ifndef EPOLLHOST_MASTER_INHERITED_HPP
#define EPOLLHOST_MASTER_INHERITED_HPP

#include <span>
#include <string>
#include <vector>

#include <csignal>

namespace epollhost::master {

/// The signals that speak to the master, as a set.
sigset_t master_signals();

/// The descriptors above 2 that are meant for this program: those that the service manager passes (LISTEN_FDS), and
/// those that a word or a variable of ours names, as `--config /dev/fd/63` does.
std::vector<int> meant_descriptors(std::span<const char* const> words);

/// Put signal dispositions, the signal mask, interval timers, descriptors and the umask in order, at the start of
/// main(). `upgrading`: this image was executed by an earlier one in the same process. Then the master's signals stay
/// blocked, so that those that came meanwhile wait for the loop, and all descriptors stay open: they are handed over.
///
/// The rest stays as it is, since the operator has chosen it: the nice value, processor affinity and other scheduling,
/// resource limits (but the soft limit of descriptors, which is raised later), the working directory, by which
/// relative names are found, and the environment.
void settle_inherited_state(int argc, const char* const* argv, bool upgrading);

} // namespace epollhost::master

#endif
