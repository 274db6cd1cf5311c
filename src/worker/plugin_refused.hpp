// Distributed under the Boost Software License, Version 1.0.
// A plugin that this host does not take.
#ifndef EPOLLHOST_WORKER_PLUGIN_REFUSED_HPP
#define EPOLLHOST_WORKER_PLUGIN_REFUSED_HPP

#include <stdexcept>

namespace epollhost {

/// what() is one line for the user: the file, the field, what was found, what was expected, what to do.
struct plugin_refused : std::runtime_error {
  using runtime_error::runtime_error;
};

} // namespace epollhost

#endif
