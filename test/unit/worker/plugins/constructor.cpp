// Distributed under the Boost Software License, Version 1.0.
// A plugin with an object whose constructor throws while the library is loaded.
#include <epollhost/plugin.hpp>

#include <stdexcept>

namespace {

struct object {
  object() {
#ifdef BAD_NUMBER
    throw 42;
#else
    throw std::runtime_error("no bread in the house");
#endif
  }
} here;

} // namespace

struct plugin {
  static constexpr auto about = epollhost::about{"constructor", "1.0.0", "never gets so far", ":1"};
  struct connection {
    epollhost::next data(epollhost::io&) { return epollhost::next::keep; }
  };
};
EPOLLHOST_PLUGIN(plugin)
