// Distributed under the Boost Software License, Version 1.0.
// Looks at a plugin's file before the dynamic linker does.
#ifndef EPOLLHOST_WORKER_PLUGIN_FILE_HPP
#define EPOLLHOST_WORKER_PLUGIN_FILE_HPP

#include <string>

namespace epollhost {

/// Refuse what is no regular file, what others may write (unless `allow_insecure`), and what is no shared object for
/// this machine. Answers the absolute path without links. Throws plugin_refused.
std::string check_plugin_file(const std::string& file, bool allow_insecure);

} // namespace epollhost

#endif
