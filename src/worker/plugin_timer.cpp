// Distributed under the Boost Software License, Version 1.0.
// Timers that a plugin has started.
#include "worker/plugin_timer.hpp"

#include <new>
#include <utility>

namespace epollhost {

struct plugin_timers::timer final : loop::io_object {
  static constexpr std::uint8_t role_number = 2;

  timer(plugin_timers& owner, loop::object_id conn, std::uint64_t arg)
      : io_object(role_number), owner(owner), conn(conn), arg(arg) {}
  void on_timer() override {
    plugin_timers& all = owner;
    const auto to = conn;
    const auto with = arg;
    all.release(*this); // before the call: the plugin may start another, or stop this one
    all.fired_(to, with);
  }

  plugin_timers& owner;
  const loop::object_id conn;
  const std::uint64_t arg;
  timer* previous = nullptr;
  timer* next = nullptr;
};

plugin_timers::plugin_timers(loop::io_context& loop, fired f)
    : loop_(loop), fired_(std::move(f)), records_(sizeof(timer), alignof(timer)) {}

plugin_timers::~plugin_timers() {
  while (!first_.empty()) forget(first_.begin()->first);
}

std::int64_t plugin_timers::start(loop::object_id conn, std::int64_t at_ns, std::uint64_t arg) {
  if (count_ == timers_max) return 0;
  timer*& first = first_.try_emplace(conn, nullptr).first->second;
  auto* const t = new (records_.take()) timer(*this, conn, arg);
  try {
    loop_.remember(*t);
    loop_.arm(*t, at_ns);
  } catch (...) {
    loop_.forget(*t);
    records_.give(t);
    throw;
  }
  t->next = first;
  if (first) first->previous = t;
  first = t;
  ++count_;
  return static_cast<std::int64_t>(t->id());
}

void plugin_timers::release(timer& t) {
  if (t.next) t.next->previous = t.previous;
  if (t.previous)
    t.previous->next = t.next;
  else if (t.next)
    first_[t.conn] = t.next;
  else
    first_.erase(t.conn);
  loop_.forget(t);
  --count_;
  t.~timer();
  records_.give(&t);
}

bool plugin_timers::stop(std::int64_t id) {
  loop::io_object* const o = loop_.find(static_cast<loop::object_id>(id));
  if (!o || o->role() != timer::role_number) return false;
  release(static_cast<timer&>(*o));
  return true;
}

void plugin_timers::forget(loop::object_id conn) {
  for (auto at = first_.find(conn); at != first_.end(); at = first_.find(conn)) release(*at->second);
}

} // namespace epollhost
