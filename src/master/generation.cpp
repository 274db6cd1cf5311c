// Distributed under the Boost Software License, Version 1.0.
// One set of workers: options, plugin bytes and listening sockets that never change while it lives.
#include "master/generation.hpp"

#include "base/log.hpp"

#include <algorithm>

namespace epollhost::master {
namespace {

// Where the next worker's recording goes, through a pipe; the file is made here, for the worker may have no right to.
record_file recording_of(const worker_settings& settings, channel_pipes& channels) {
  if (settings.record.empty()) return {};
  net::error_code ec;
  record_file out = make_record_file(settings.record, ec);
  if (ec)
    log::warning(settings.name, "{}", cannot_record(settings.record, ec));
  else
    out.fd = channels.open_recording(out.path);
  return out;
}

} // namespace

generation::generation(std::uint64_t number, plan what, plugin_store plugins, std::vector<worker::addresses> listening,
                       const identity& rights)
    : number_(number), plan_(std::move(what)), plugins_(std::move(plugins)), listening_(std::move(listening)),
      rights_(rights) {}

worker_process& generation::start(loop::io_context& loop, channel_pipes& channels,
                                  std::size_t instance, std::size_t slot, heard on_message) {
  const planned_instance& p = plan_.instances[instance];
  const std::vector<net::unique_fd> writers = channels.open(p.channels); // our copies end here
  const record_file record = recording_of(p.settings, channels);
  workers_.push_back(
      std::make_unique<worker_process>(loop, worker_process::place{number_, instance, slot},
                                       worker_process::start_point{p, plugins_.copy_of(p.settings.plugin_file),
                                                                   listening_[instance], writers, rights_, record},
                                       std::move(on_message)));
  if (record.fd)
    log::info(p.settings.name, "worker {} (process {}) is recorded to {}", slot, workers_.back()->pid(), record.path);
  return *workers_.back();
}

void generation::adopt(loop::io_context& loop, const handover::worker& w, heard on_message) {
  const auto& settings = plan_.instances.at(w.instance).settings;
  workers_.push_back(std::make_unique<worker_process>(loop, worker_process::place{number_, w.instance, w.slot}, w,
                                                      settings.drain_timeout, std::move(on_message)));
}

const sealed_file* generation::plugin_of(const worker_process& w) const {
  return can_start() ? &plugins_.copy_of(plan_.instances[w.who().instance].settings.plugin_file) : nullptr;
}

bool generation::all_ready() const {
  return std::all_of(workers_.begin(), workers_.end(),
                     [](const auto& w) { return w->phase() != worker_process::phase::starting; });
}

bool generation::has_others(const worker_process& w) const {
  return std::any_of(workers_.begin(), workers_.end(), [&](const auto& other) {
    return other.get() != &w && other->who().instance == w.who().instance && other->serves();
  });
}

void generation::assign_slots(std::size_t instance) {
  std::vector<worker_process*> able;
  for (const auto& w : workers_)
    if (w->who().instance == instance && w->phase() == worker_process::phase::serving) able.push_back(w.get());
  // A stalled worker leaves its slots to the others; where all are stalled, the queues wait with them.
  if (std::any_of(able.begin(), able.end(), [](auto* w) { return w->serves(); }))
    std::erase_if(able, [](auto* w) { return w->serves() ? false : (w->accept_from({}), true); });
  if (able.empty()) return;

  std::size_t slots = 1;
  for (const auto& a : listening_[instance]) slots = std::max(slots, a->listening());
  // An address with one slot for all is accepted from by whoever has any: so everybody has its own.
  for (const auto* w : able) slots = std::max(slots, w->who().slot + 1);
  std::vector<std::bitset<slots_max>> share(able.size());
  for (std::size_t slot = 0; slot < slots; ++slot) {
    const auto own = std::find_if(able.begin(), able.end(), [&](auto* w) { return w->who().slot == slot; });
    share[own != able.end() ? static_cast<std::size_t>(own - able.begin()) : slot % able.size()].set(slot);
  }
  for (std::size_t i = 0; i < able.size(); ++i) able[i]->accept_from(share[i]);
}

void generation::drain(const std::vector<worker::addresses>& next) {
  for (const auto& w : workers_) drain(*w, next);
}

void generation::drain_idle() {
  for (const auto& w : workers_) w->drain_idle();
}

void generation::drain(worker_process& w, const std::vector<worker::addresses>& next) {
  const auto stays = [&](const auto& address) {
    return std::any_of(next.begin(), next.end(), [&](const auto& of_instance) {
      return std::find(of_instance.begin(), of_instance.end(), address) != of_instance.end();
    });
  };
  std::bitset<slots_max> leaving;
  const auto& addresses = listening_[w.who().instance];
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    leaving[i] = !stays(addresses[i]);
    if (leaving[i]) addresses[i]->take_no_more(); // before any worker empties a queue
  }
  w.drain(leaving);
}

bool generation::has_released() const {
  return std::all_of(workers_.begin(), workers_.end(), [](const auto& w) { return w->released; });
}

} // namespace epollhost::master
