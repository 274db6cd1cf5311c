// Distributed under the Boost Software License, Version 1.0.
// A loaded plugin: the shared object and its checked tables.
#include "worker/plugin_library.hpp"

#include "worker/hook_table.hpp"
#include "worker/module_table.hpp"
#include "worker/plugin_file.hpp"
#include "worker/plugin_refused.hpp"
#include "worker/plugin_table.hpp"

#include <fmt/format.h>

#include <dlfcn.h>

#include <exception>
#include <string_view>

namespace epollhost {
namespace {

constexpr const char* symbol = "epollhost_plugin";

// The linker's message names the path again, and says what is missing without saying what to do.
std::string explain(std::string_view message, const std::string& path) {
  if (message.starts_with(path)) message.remove_prefix(std::min(message.size(), path.size() + 2));
  constexpr std::string_view undefined = "undefined symbol: ";
  if (const auto at = message.find(undefined); at != message.npos)
    return fmt::format(
        "it uses the symbol '{}', which neither it nor the libraries it names define. Link it with the library "
        "that does (a check at build time: -Wl,--no-undefined)",
        message.substr(at + undefined.size()));
  if (message.find("cannot open shared object file") != message.npos)
    return fmt::format(
        "a library that it needs is missing: {}. Install it, or link it statically (`ldd` lists them all)", message);
  if (message.find("static TLS") != message.npos)
    return fmt::format("{}. Build it without -ftls-model=initial-exec", message);
  return fmt::format("the dynamic linker says: {}", message);
}

// RTLD_NOW: a missing symbol is found here and not at its first call. RTLD_LOCAL: its symbols are nobody else's.
void* map(const std::string& path, const std::string& file) {
  // The header says that dlopen throws nothing, and a compiler that believes it looks for no handler. But constructors
  // run in there.
  void* (*volatile const open)(const char*, int) = ::dlopen;
  std::string thrown;
  try {
    set_modules_changing(true);
    void* const handle = open(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    set_modules_changing(false);
    refresh_module_table();
    if (handle) return handle;
    const char* const message = ::dlerror();
    throw plugin_refused(fmt::format("plugin {} refused: {}", file, explain(message ? message : "no reason", path)));
  } catch (const plugin_refused&) {
    throw;
  } catch (const std::exception& e) {
    thrown = fmt::format("'{}'", e.what());
  } catch (...) {
    thrown = "something that is no std::exception";
  }
  throw plugin_refused(
      fmt::format("plugin {} refused: one of its constructors threw {} while it was loaded. Do such work in "
                  "`start`, and refuse there by its answer",
                  file, thrown));
}

} // namespace

plugin_library plugin_library::open(const std::string& file, bool allow_insecure) {
  return load(check_plugin_file(file, allow_insecure), file);
}

plugin_library plugin_library::load(const std::string& path, const std::string& file) {
  void* const handle = map(path, file);
  const auto* const table = static_cast<const eh_plugin*>(::dlsym(handle, symbol));
  if (!table)
    throw plugin_refused(
        fmt::format("plugin {} refused: it exports no symbol '{}', expected `const eh_plugin {} = {{...}}` at "
                    "namespace scope, with the header epollhost/plugin.h included before it",
                    file, symbol, symbol));
  return of(*table, file);
}

plugin_library plugin_library::of(const eh_plugin& table, const std::string& file) {
  plugin_library out;
  out.description_ = check_plugin_table(table, file);
  out.hooks_ = complete(*table.hooks);
  out.instance_ = complete(table.instance);
  return out;
}

plugin_library plugin_library::entered_through(const eh_hooks& hooks, const eh_instance& instance) const {
  plugin_library out = *this;
  out.hooks_ = hooks;
  out.instance_ = instance;
  return out;
}

} // namespace epollhost
