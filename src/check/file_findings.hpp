// Distributed under the Boost Software License, Version 1.0.
// What can be found in a plugin's file without running it.
#ifndef EPOLLHOST_CHECK_FILE_FINDINGS_HPP
#define EPOLLHOST_CHECK_FILE_FINDINGS_HPP

#include "check/finding.hpp"

#include <vector>

namespace epollhost::check {

/// `fd` is a sealed copy, so nothing of it can change or go away meanwhile.
std::vector<finding> look_at_file(int fd);

} // namespace epollhost::check

#endif
