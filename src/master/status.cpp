// Distributed under the Boost Software License, Version 1.0.
// What --status prints.
#include "master/status.hpp"

#include "base/log_line.hpp"
#include "net/clock.hpp"

#include <epollhost/plugin.h>
#include <epollhost/version.h>
#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <string_view>

namespace epollhost::master {
namespace {

using text = fmt::memory_buffer;

template <class... A> void put(text& out, fmt::format_string<A...> format, A&&... args) {
  fmt::format_to(std::back_inserter(out), format, std::forward<A>(args)...);
}

const char* phase_name(const worker_process& w) {
  if (w.stalled) return "stalled";
  switch (w.phase()) {
  case worker_process::phase::starting: return "starting";
  case worker_process::phase::serving: return "serving";
  default: return "draining";
  }
}

double age_s(const worker_process& w) { return double(net::monotonic_ns() - w.started_ns()) / 1e9; }

template <class F> void for_each_worker(const master_process& master, F f) {
  for (const auto& g : master.generations())
    for (const auto& w : g->workers()) f(*g, *w);
}

// Of the workers that live and those that have ended.
totals sum(const master_process& master, const std::string& instance, std::uint64_t& open) {
  totals out = master.ended().counters(instance);
  for_each_worker(master, [&](const generation& g, const worker_process& w) {
    if (g.what().instances[w.who().instance].settings.name != instance) return;
    out.add(w.page());
    open += open_of(w.page());
  });
  return out;
}

// The same of one log channel.
channel_totals sum(const master_process& master, const planned_instance& instance, const std::string& path) {
  channel_totals out = master.ended().channel(instance.settings.name, path);
  for_each_worker(master, [&](const generation& g, const worker_process& w) {
    const planned_instance& of = g.what().instances[w.who().instance];
    if (of.settings.name != instance.settings.name) return;
    for (std::size_t i = 0; i < of.channels.size(); ++i)
      if (of.channels[i] == path) out.add(w.page().channels[i]);
  });
  return out;
}

template <class F> void for_each_channel(const master_process& master, F f) {
  if (!master.current()) return;
  for (const planned_instance& p : master.current()->what().instances)
    for (const std::string& path : p.channels) f(p.settings.name, path, sum(master, p, path));
}

// The metrics of an instance: of its workers that live, and those that have ended.
metric_totals sum_metrics(const master_process& master, const std::string& instance) {
  metric_totals out = master.ended().metrics(instance);
  for_each_worker(master, [&](const generation& g, const worker_process& w) {
    if (g.what().instances[w.who().instance].settings.name == instance) out.add_living(w.page().metrics);
  });
  return out;
}

template <class F> void for_each_metric(const master_process& master, F f) {
  if (!master.current()) return;
  for (const planned_instance& p : master.current()->what().instances) {
    const metric_totals sums = sum_metrics(master, p.settings.name);
    for (const auto& [key, total] : sums.all())
      f(p.settings.name, key.first, key.second == EH_METRIC_COUNTER ? "counter" : "gauge", total);
  }
}

std::size_t width_of(std::string_view column) { return std::max<std::size_t>(12, column.size()); }

void put_figures(text& out, const totals& t) {
  for (std::size_t i = 0; i < totals::columns.size(); ++i) put(out, " {:>{}}", t[i], width_of(totals::columns[i].name));
  put(out, " {:>12}\n", t.turns());
}

void put_json_figures(text& out, const totals& t) {
  for (std::size_t i = 0; i < totals::columns.size(); ++i) put(out, ",\"{}\":{}", totals::columns[i].name, t[i]);
  put(out, ",\"turns\":{}", t.turns());
}

void put_json_worker(text& out, const generation& g, const worker_process& w) {
  totals t;
  t.add(w.page());
  put(out, "{{\"process\":{},\"plugin\":{},\"generation\":{},\"slot\":{},\"phase\":\"{}\",\"age_s\":{:.3f},\"open\":{}",
      w.pid(), log::json_string(g.what().instances[w.who().instance].settings.name), g.number(), w.who().slot,
      phase_name(w), age_s(w), open_of(w.page()));
  put_json_figures(out, t);
  put(out, "}}");
}

void put_metrics(text& out, const master_process& m) {
  bool first = true;
  for_each_metric(m, [&](const std::string& instance, const std::string& name, const char* kind, const auto& total) {
    if (std::exchange(first, false))
      put(out, "\n{:<24} {:>20} {:<8} {:<24} {}\n", "metric of", "value", "kind", "name", "help");
    put(out, "{:<24} {:>20} {:<8} {:<24} {}\n", instance, total.value, kind, name, total.help);
  });
}

void put_json_metrics(text& out, const master_process& m) {
  const char* comma = "";
  put(out, ",\"metrics\":[");
  for_each_metric(m, [&](const std::string& instance, const std::string& name, const char* kind, const auto& total) {
    put(out, "{}{{\"plugin\":{},\"name\":\"{}\",\"kind\":\"{}\",\"help\":{},\"value\":{}}}", std::exchange(comma, ","),
        log::json_string(instance), name, kind, log::json_string(total.help), total.value);
  });
  put(out, "]");
}

} // namespace

std::string status_table(const master_process& m) {
  text out;
  put(out, "epollhost {}, process {}, generation {}, {} alive; {} reloads, {} restarts, {} stalls\n\n",
      EPOLLHOST_VERSION, ::getpid(), m.current() ? m.current()->number() : 0, m.generations().size(), m.reload_count(),
      m.restart_count(), m.stall_count());
  put(out, "{:<24} {:>8}", "plugin", "open");
  for (const auto& c : totals::columns) put(out, " {:>{}}", c.name, width_of(c.name));
  put(out, " {:>12}\n", "turns");
  if (m.current())
    for (const auto& instance : m.current()->what().instances) {
      std::uint64_t open = 0;
      const totals t = sum(m, instance.settings.name, open);
      put(out, "{:<24} {:>8}", instance.settings.name, open);
      put_figures(out, t);
    }
  put(out, "\n{:<24} {:>8} {:>10} {:>4} {:<9} {:>10} {:>8} {:>12} {:>12}\n", "worker of", "process", "generation",
      "slot", "phase", "age s", "open", "accepted", "messages");
  for_each_worker(m, [&](const generation& g, const worker_process& w) {
    put(out, "{:<24} {:>8} {:>10} {:>4} {:<9} {:>10.1f} {:>8} {:>12} {:>12}\n",
        g.what().instances[w.who().instance].settings.name, w.pid(), g.number(), w.who().slot, phase_name(w), age_s(w),
        open_of(w.page()), plausible(w.page().counters.accepted),
        plausible(w.page().counters.data_calls));
  });
  bool first = true;
  for_each_channel(m, [&](const std::string& name, const std::string& path, const channel_totals& t) {
    if (std::exchange(first, false))
      put(out, "\n{:<24} {:>12} {:>14} {:>12} {}\n", "log of", "lines", "bytes", "dropped", "file");
    put(out, "{:<24} {:>12} {:>14} {:>12} {}\n", name, t.lines, t.bytes, t.dropped, path);
  });
  put_metrics(out, m);
  return fmt::to_string(out);
}

std::string status_json(const master_process& m) {
  text out;
  put(out,
      "{{\"version\":\"{}\",\"process\":{},\"generation\":{},\"generations\":{},\"reloads\":{},\"restarts\":{},"
      "\"stalls\":{}",
      EPOLLHOST_VERSION, ::getpid(), m.current() ? m.current()->number() : 0, m.generations().size(), m.reload_count(),
      m.restart_count(), m.stall_count());
  put(out, ",\"plugins\":[");
  const char* comma = "";
  if (m.current())
    for (const auto& instance : m.current()->what().instances) {
      std::uint64_t open = 0;
      const totals t = sum(m, instance.settings.name, open);
      put(out, "{}{{\"name\":{},\"plugin\":{},\"version\":{},\"open\":{}", std::exchange(comma, ","),
          log::json_string(instance.settings.name), log::json_string(instance.plugin.name),
          log::json_string(instance.plugin.version), open);
      put_json_figures(out, t);
      put(out, "}}");
    }
  put(out, "],\"workers\":[");
  comma = "";
  for_each_worker(m, [&](const generation& g, const worker_process& w) {
    put(out, "{}", std::exchange(comma, ","));
    put_json_worker(out, g, w);
  });
  put(out, "],\"channels\":[");
  comma = "";
  for_each_channel(m, [&](const std::string& name, const std::string& path, const channel_totals& t) {
    put(out, "{}{{\"plugin\":{},\"path\":{},\"lines\":{},\"bytes\":{},\"dropped\":{}}}", std::exchange(comma, ","),
        log::json_string(name), log::json_string(path), t.lines, t.bytes, t.dropped);
  });
  put(out, "]");
  put_json_metrics(out, m);
  put(out, "}}\n");
  return fmt::to_string(out);
}

} // namespace epollhost::master
