// Distributed under the Boost Software License, Version 1.0.
// Full-size copies of a plugin's tables, in which an absent hook does nothing (src/worker/hook_table.cpp).
#ifndef EPOLLHOST_TESTING_DETAIL_TABLES_HPP
#define EPOLLHOST_TESTING_DETAIL_TABLES_HPP

#include <epollhost/plugin.h>

#include <epollhost/testing/failure.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>

namespace epollhost::testing::detail {

template <class Table> Table full_copy(const Table& given) {
  Table out{};
  std::memcpy(&out, &given, std::min<std::size_t>(given.size, sizeof out));
  out.size = sizeof out;
  return out;
}

inline eh_hooks complete(const eh_hooks& given) {
  eh_hooks out = full_copy(given);
  if (out.state_align == 0) out.state_align = 8;
  const eh_hook keep = [](void*, void*, eh_io*) -> eh_next { return EH_KEEP; };
  for (eh_hook* h : {&out.open, &out.room, &out.timer, &out.wake, &out.drain})
    if (!*h) *h = keep;
  if (!out.close) out.close = [](void*, void*, eh_reason) {};
  return out;
}

inline eh_instance complete(const eh_instance* given) {
  eh_instance out = given ? full_copy(*given) : eh_instance{};
  if (!out.start)
    out.start = [](const eh_host*, const eh_value*, void** instance) -> std::int32_t {
      *instance = nullptr;
      return 0;
    };
  if (!out.run) out.run = [](void*) {};
  if (!out.tick) out.tick = [](void*, std::uint64_t) {};
  if (!out.stop) out.stop = [](void*) {};
  return out;
}

/// What must be so before anything of the plugin can be called. `epollhost --check-plugin` looks at the rest.
inline void check_table(const eh_plugin& t) {
  const auto refuse = [&](const std::string& why) { throw refused("the plugin's table is refused: " + why); };
  if (t.size < offsetof(eh_plugin, hooks) + sizeof t.hooks)
    refuse("size is " + std::to_string(t.size) + "; begin the table with EH_PLUGIN_HEADER");
  if (t.abi_major != EH_ABI_MAJOR || t.host_minor_needed > EH_ABI_MINOR)
    refuse("it needs plugin boundary " + std::to_string(t.abi_major) + "." + std::to_string(t.host_minor_needed) +
           ", these headers have " + std::to_string(EH_ABI_MAJOR) + "." + std::to_string(EH_ABI_MINOR));
  if (!t.name || !*t.name) refuse("name is missing");
  if (!t.hooks || !t.hooks->data) refuse("hooks->data is missing; it is the one hook that a connection needs");
  if (t.option_count > 0 && !t.options) refuse("options is null, but option_count is not 0");
}

} // namespace epollhost::testing::detail

#endif
