// Distributed under the Boost Software License, Version 1.0.
// Full-size copies of a plugin's tables, in which an absent hook does nothing.
#include "worker/hook_table.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace epollhost {
namespace {

// What a hook that is not there answers: go on, and ask for nothing.
eh_next keep(void*, void*, eh_io*) { return EH_KEEP; }

// A connection that cannot finish by itself is ended by the host when it drains: at its deadline.
void ignore_close(void*, void*, eh_reason) {}

std::int32_t start_without_instance(const eh_host*, const eh_value*, void** instance) {
  *instance = nullptr;
  return 0;
}
void ignore(void*) {}
void ignore_tick(void*, std::uint64_t) {}

template <class Table> Table copy(const Table& given) {
  Table out{};
  std::memcpy(&out, &given, std::min<std::size_t>(given.size, sizeof out));
  out.size = sizeof out;
  return out;
}

template <class Function> void fill(Function& f, Function otherwise) {
  if (!f) f = otherwise;
}

} // namespace

eh_hooks complete(const eh_hooks& given) {
  eh_hooks out = copy(given);
  if (out.state_align == 0) out.state_align = 8;
  for (eh_hook* h : {&out.open, &out.room, &out.timer, &out.wake, &out.drain}) fill<eh_hook>(*h, keep);
  fill(out.close, ignore_close);
  return out;
}

eh_instance complete(const eh_instance* given) {
  eh_instance out = given ? copy(*given) : eh_instance{};
  fill(out.start, start_without_instance);
  fill(out.run, ignore);
  fill(out.tick, ignore_tick);
  fill(out.stop, ignore);
  return out;
}

} // namespace epollhost
