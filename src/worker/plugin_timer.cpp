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

// An entry that has gone is used again, so that connections which come and go with their timers allocate nothing.
plugin_timers::timer*& plugin_timers::list_of(loop::object_id conn) {
  const auto at = first_.find(conn);
  if (at != first_.end()) return at->second;
  if (spare_.empty()) {
    if (spare_.capacity() <= first_.size()) spare_.reserve(2 * first_.size() + 1); // so that forget() cannot fail
    return first_.emplace(conn, nullptr).first->second;
  }
  auto node = std::move(spare_.back());
  spare_.pop_back();
  node.key() = conn;
  return first_.insert(std::move(node)).position->second;
}

std::int64_t plugin_timers::start(loop::object_id conn, std::int64_t at_ns, std::uint64_t arg) {
  if (count_ == timers_max) return 0;
  timer*& first = list_of(conn);
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
  else
    first_.find(t.conn)->second = t.next; // perhaps null: the entry stays until its connection goes
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
  const auto at = first_.find(conn);
  if (at == first_.end()) return;
  while (at->second) release(*at->second);
  spare_.push_back(first_.extract(at));
}

} // namespace epollhost
