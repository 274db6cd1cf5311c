// Distributed under the Boost Software License, Version 1.0.
// Writes a folder in which a plugin begins: source, test, fuzzer, three ways to build it.
#ifndef EPOLLHOST_CLI_NEW_PLUGIN_HPP
#define EPOLLHOST_CLI_NEW_PLUGIN_HPP

#include <string>

namespace epollhost::cli {

/// Makes the folder `name` in the current one from the templates for `style` (c, class, coroutine, http), which lie in
/// `prefix`/share/epollhost/templates. Answers what to do next. Throws failure: usage where the name is none,
/// configuration where the folder is there already, failed where the templates are not there or it cannot be written.
std::string make_new_plugin(const std::string& name, const std::string& style, const std::string& prefix);

} // namespace epollhost::cli

#endif
