// Distributed under the Boost Software License, Version 1.0.
// Loads a plugin's file into the test.
#ifndef EPOLLHOST_TESTING_DETAIL_LIBRARY_HPP
#define EPOLLHOST_TESTING_DETAIL_LIBRARY_HPP

#include <epollhost/plugin.h>

#include <epollhost/testing/failure.hpp>

#include <dlfcn.h>

#include <string>

namespace epollhost::testing::detail {

/// The table that the file exports. As in the host, it stays mapped for ever. Throws refused.
inline const eh_plugin& load(const std::string& file) {
  void* const handle = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    const char* const why = ::dlerror();
    throw refused("cannot load " + file + ": " + (why ? why : "the dynamic linker does not say why"));
  }
  const void* const table = ::dlsym(handle, "epollhost_plugin");
  if (!table) throw refused(file + " exports no epollhost_plugin; define it at namespace scope, after plugin.h");
  return *static_cast<const eh_plugin*>(table);
}

} // namespace epollhost::testing::detail

#endif
