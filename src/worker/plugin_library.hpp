// Distributed under the Boost Software License, Version 1.0.
// A loaded plugin: the shared object and its checked tables.
#ifndef EPOLLHOST_WORKER_PLUGIN_LIBRARY_HPP
#define EPOLLHOST_WORKER_PLUGIN_LIBRARY_HPP

#include "epollhost/plugin.h"
#include "worker/plugin_description.hpp"

#include <string>

namespace epollhost {

/// Maps a shared object into this process, for ever: nothing is unmapped, since what a plugin leaves behind
/// (thread-local destructors, exit handlers) may still run. A value; copies mean the same library.
class plugin_library {
public:
  /// Load `file` and check what it exports. Runs the constructors of the library, nothing else of it.
  /// Throws plugin_refused.
  static plugin_library open(const std::string& file, bool allow_insecure);

  /// The same without a look at the file: `path` is a copy of it that nobody can change. Messages name `file`.
  static plugin_library load(const std::string& path, const std::string& file);

  /// One that is linked in with everything else. Messages name `file`. Throws plugin_refused.
  static plugin_library of(const eh_plugin& table, const std::string& file);

  /// The same library, called through these tables: for whoever wants to see each call. Both are complete().
  plugin_library entered_through(const eh_hooks& hooks, const eh_instance& instance) const;

  const plugin_description& describe() const { return description_; }
  const eh_hooks& hooks() const { return hooks_; }          ///< complete()
  const eh_instance& instance() const { return instance_; } ///< complete()

private:
  plugin_description description_;
  eh_hooks hooks_{};
  eh_instance instance_{};
};

} // namespace epollhost

#endif
