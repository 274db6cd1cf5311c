// Distributed under the Boost Software License, Version 1.0.
// The systemd journal as the standard error.
#ifndef EPOLLHOST_BASE_JOURNAL_HPP
#define EPOLLHOST_BASE_JOURNAL_HPP

#include "base/log.hpp"

#include <string>
#include <string_view>

namespace epollhost::log {

/// Whether descriptor 2 is the journal's: $JOURNAL_STREAM has its device and inode. Source: systemd.exec(5).
bool standard_error_is_journal();

/// A line of format_line() as the journal wants it: the priority in front, and, of a text, no time of our own, since the
/// journal has one: "<3>http: text". Source: sd-daemon(3).
std::string journal_line(format as, std::string_view line);

} // namespace epollhost::log

#endif
