// Distributed under the Boost Software License, Version 1.0.
// Finds the file of a plugin.
#ifndef EPOLLHOST_CLI_PLUGIN_SEARCH_HPP
#define EPOLLHOST_CLI_PLUGIN_SEARCH_HPP

#include <string>
#include <vector>

namespace epollhost::cli {

/// `plugins/` beside the program, and `../lib/epollhost/plugins` of the folder `bin` it was installed to.
std::vector<std::string> default_plugin_folders(const std::string& program_folder);

/// The folder of the running program.
std::string running_program_folder();

/// Where it is installed: the program lies in `bin` there.
std::string running_program_prefix();

/// The path of `file`: as it is with a slash, else the first regular file of that name in the folders; the current
/// folder is never searched. Throws failure (plugin_refused), which says where it looked and what is there.
std::string find_plugin(const std::string& file, const std::vector<std::string>& folders);

/// The names of the files `*.so` in the folders, sorted, each once.
std::vector<std::string> plugins_in(const std::vector<std::string>& folders);

} // namespace epollhost::cli

#endif
