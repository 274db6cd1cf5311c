// Distributed under the Boost Software License, Version 1.0.
// The master process: what it takes from the image before it, and leaves to the next one.
#include "master/master.hpp"

#include "master/child.hpp"
#include "net/error.hpp"

#include <fcntl.h>

#include <algorithm>
#include <map>

namespace epollhost::master {
namespace {

plan to_plan(const handover::generation& g) {
  plan out;
  for (const auto& i : g.instances) {
    planned_instance p{.plugin = i.plugin, .settings = {}, .workers_why = {}, .channels = i.channels};
    p.settings.name = i.name;
    p.settings.plugin_file = i.plugin_file;
    p.settings.workers = i.workers;
    p.settings.drain_timeout = i.drain_timeout;
    p.settings.stall_warn = i.stall_warn;
    p.settings.stall_kill = i.stall_kill;
    out.instances.push_back(std::move(p));
  }
  return out;
}

using sockets_by_name = std::map<std::string, std::shared_ptr<listening_address>>;

handover::instance to_instance(const planned_instance& p, const worker::addresses& listening,
                               const sockets_by_name& all) {
  handover::instance out{.plugin = p.plugin,
                         .name = p.settings.name,
                         .plugin_file = p.settings.plugin_file,
                         .workers = p.settings.workers,
                         .drain_timeout = p.settings.drain_timeout,
                         .stall_warn = p.settings.stall_warn,
                         .stall_kill = p.settings.stall_kill,
                         .addresses = {},
                         .channels = p.channels};
  for (const auto& address : listening)
    for (const auto& [name, known] : all)
      if (known == address) out.addresses.push_back(name);
  return out;
}

} // namespace

void master_process::take_over(const handover& inherited) {
  generation_count_ = inherited.generation_count;
  reloads_ = inherited.reloads;
  upgrades_ = inherited.upgrades;
  sockets_by_name sockets;
  for (const auto& a : inherited.addresses) {
    std::vector<net::unique_fd> slots;
    for (const int fd : a.slots) slots.emplace_back(fd);
    sockets[a.name] =
        std::make_shared<listening_address>(a.wildcard, a.passed, std::move(slots), a.listening, a.leaving);
    sockets_.adopt(a.name, sockets[a.name]);
  }
  for (const auto& g : inherited.generations) {
    adopt(g, sockets);
    const int program = g.program >= 0 ? g.program : inherited.program;
    generations_.back()->set_program(
        net::unique_fd(::fcntl(program, F_DUPFD_CLOEXEC, 3))); // none: stacks have no names
  }
  forget_ended_generations();
}

void master_process::adopt(const handover::generation& g, const sockets_by_name& sockets) {
  std::vector<worker::addresses> listening;
  for (const auto& i : g.instances) {
    auto& of_instance = listening.emplace_back();
    for (const auto& name : i.addresses) of_instance.push_back(sockets.at(name));
  }
  generations_.push_back(
      std::make_unique<generation>(g.number, to_plan(g), plugin_store(), std::move(listening), identity()));
  // One that ended while another image ran, to which this one has gone back, was waited for there.
  for (const auto& w : g.workers)
    if (is_child(w.pid))
      generations_.back()->adopt(loop_, w, [this](worker_process& p, const message& m) { on_message(p, m); });
  if (g.current) current_ = generations_.back().get();
}

std::optional<handover> master_process::to_handover() const {
  if (next_ || stopping_ || !current_) return {};
  for (const auto& g : generations_)
    if (std::any_of(g->workers().begin(), g->workers().end(), [](const auto& w) { return w->has_more_to_say(); }))
      return {};
  handover out;
  out.generation_count = generation_count_;
  out.reloads = reloads_;
  out.upgrades = upgrades_;
  const sockets_by_name sockets = sockets_.all();
  for (const auto& [name, address] : sockets) {
    auto& a = out.addresses.emplace_back(handover::address{.name = name,
                                                           .wildcard = address->wildcard(),
                                                           .passed = address->is_passed(),
                                                           .leaving = address->leaving(),
                                                           .listening = address->listening(),
                                                           .slots = {}});
    for (const auto& slot : address->slots()) a.slots.push_back(slot.get());
  }
  for (const auto& g : generations_) {
    auto& to = out.generations.emplace_back(handover::generation{.number = g->number(),
                                                                 .current = g.get() == current_,
                                                                 .program = g->program(),
                                                                 .instances = {},
                                                                 .workers = {}});
    for (std::size_t i = 0; i < g->what().instances.size(); ++i)
      to.instances.push_back(to_instance(g->what().instances[i], g->listening()[i], sockets));
    for (const auto& w : g->workers())
      to.workers.push_back({.pid = w->pid(),
                            .channel = w->channel_fd(),
                            .report = w->report_fd(),
                            .page = w->page_fd(),
                            .instance = w->who().instance,
                            .slot = w->who().slot,
                            .draining = w->phase() == worker_process::phase::draining,
                            .started_ns = w->started_ns(),
                            .ends_by_ns = w->ends_by_ns()});
  }
  return out;
}

} // namespace epollhost::master
