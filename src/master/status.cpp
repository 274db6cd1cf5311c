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
#include <ctime>
#include <iterator>
#include <string_view>
#include <vector>

namespace epollhost::master {
namespace {

using text = fmt::memory_buffer;

template <class... A> void put(text& out, fmt::format_string<A...> format, A&&... args) {
  fmt::format_to(std::back_inserter(out), format, std::forward<A>(args)...);
}

const char* phase_name(const worker_process& w) {
  if (w.stopped) return "stopped";
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

// ---- the table: at most 100 columns

constexpr std::size_t columns_max = 100, label_width = 18, figure_width = 15;

// What begins a row; a name that is wider has a line of its own.
void put_label(text& out, std::string_view label) {
  if (label.size() > label_width) put(out, "{}\n{:{}}", label, "", label_width);
  else put(out, "{:<{}}", label, label_width);
}

// What ends a row; where it does not fit, it goes on in lines below, broken at blanks where it has any.
void put_rest(text& out, std::size_t used, std::string_view rest) {
  constexpr std::size_t indent = 4;
  std::size_t room = columns_max - std::min(used + 1, columns_max);
  put(out, " ");
  while (rest.size() > room) {
    std::size_t at = rest.rfind(' ', room);
    if (at == rest.npos || at == 0) at = room < columns_max - indent ? 0 : room;
    put(out, "{}\n{:{}}", rest.substr(0, at), "", indent);
    rest.remove_prefix(at);
    while (rest.starts_with(' ')) rest.remove_prefix(1);
    room = columns_max - indent;
  }
  put(out, "{}\n", rest);
}

struct plugin_figures {
  std::string name;
  std::uint64_t open = 0;
  totals sums;
};

// A column for each plugin, as many side by side as fit.
void put_plugins(text& out, const std::vector<plugin_figures>& all) {
  constexpr std::size_t beside = (columns_max - label_width) / (figure_width + 1);
  const auto row = [&](std::size_t from, std::string_view label, auto figure) {
    put_label(out, label);
    for (std::size_t i = from; i < std::min(from + beside, all.size()); ++i)
      put(out, " {:>{}}", figure(all[i]), figure_width);
    put(out, "\n");
  };
  for (std::size_t from = 0; from < all.size(); from += beside) {
    if (from > 0) put(out, "\n");
    row(from, "plugin", [](const plugin_figures& p) { return std::string_view(p.name).substr(0, figure_width); });
    row(from, "open", [](const plugin_figures& p) { return p.open; });
    for (std::size_t c = 0; c < totals::columns.size(); ++c)
      row(from, totals::columns[c].name, [&](const plugin_figures& p) { return p.sums[c]; });
    row(from, "turns", [](const plugin_figures& p) { return p.sums.turns(); });
  }
}

std::string time_text(std::int64_t since_1970_s) {
  const auto t = static_cast<std::time_t>(since_1970_s);
  std::tm utc{};
  char out[32] = "";
  ::gmtime_r(&t, &utc);
  std::strftime(out, sizeof out, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return out;
}

void put_attempts(text& out, const char* what, const attempts& of) {
  if (!of.any()) return;
  const std::string label = fmt::format("last {}:", what);
  put(out, "{}", label);
  put_rest(out, label.size(), fmt::format("{}, {}; {} good and {} failed so far", time_text(of.last_s),
                                          of.last_was_good ? "good" : "failed", of.good, of.failed));
  if (of.reason.empty()) return;
  put(out, "   ");
  put_rest(out, 3, of.reason);
}

void put_json_attempts(text& out, const char* what, const attempts& of) {
  put(out, ",\"{0}s_good\":{1},\"{0}s_failed\":{2},\"last_{0}\":", what, of.good, of.failed);
  if (!of.any()) return put(out, "null");
  put(out, "{{\"time\":\"{}\",\"outcome\":\"{}\",\"reason\":{}}}", time_text(of.last_s),
      of.last_was_good ? "good" : "failed", log::json_string(of.reason));
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
      put(out, "\n{:<{}} {:>20} {:<8} {:<24} {}\n", "metric of", label_width, "value", "kind", "name", "help");
    put_label(out, instance);
    put(out, " {:>20} {:<8} {:<24}", total.value, kind, name);
    put_rest(out, label_width + 31 + std::max<std::size_t>(name.size(), 24), total.help);
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
  put(out, "epollhost {}, process {}, generation {}, {} alive; {} reloads, {} restarts, {} stalls\n",
      EPOLLHOST_VERSION, ::getpid(), m.current() ? m.current()->number() : 0, m.generations().size(), m.reloads().good,
      m.restart_count(), m.stall_count());
  put_attempts(out, "reload", m.reloads());
  put_attempts(out, "upgrade", m.upgrades());
  put(out, "\n");
  std::vector<plugin_figures> plugins;
  if (m.current())
    for (const auto& instance : m.current()->what().instances) {
      plugin_figures& p = plugins.emplace_back(plugin_figures{instance.settings.name, 0, {}});
      p.sums = sum(m, p.name, p.open);
    }
  put_plugins(out, plugins);
  put(out, "\n{:<{}} {:>8} {:>10} {:>4} {:<9} {:>10} {:>8} {:>11} {:>11}\n", "worker of", label_width, "process",
      "generation", "slot", "phase", "age s", "open", "accepted", "data_calls");
  for_each_worker(m, [&](const generation& g, const worker_process& w) {
    put_label(out, g.what().instances[w.who().instance].settings.name);
    put(out, " {:>8} {:>10} {:>4} {:<9} {:>10.1f} {:>8} {:>11} {:>11}\n", w.pid(), g.number(), w.who().slot,
        phase_name(w), age_s(w), open_of(w.page()), plausible(w.page().counters.accepted),
        plausible(w.page().counters.data_calls));
  });
  bool first = true;
  for_each_channel(m, [&](const std::string& name, const std::string& path, const channel_totals& t) {
    if (std::exchange(first, false))
      put(out, "\n{:<{}} {:>12} {:>14} {:>12} {}\n", "log of", label_width, "lines", "bytes", "dropped", "file");
    put_label(out, name);
    put(out, " {:>12} {:>14} {:>12}", t.lines, t.bytes, t.dropped);
    put_rest(out, label_width + 41, path);
  });
  put_metrics(out, m);
  return fmt::to_string(out);
}

std::string status_json(const master_process& m) {
  text out;
  put(out,
      "{{\"version\":\"{}\",\"process\":{},\"generation\":{},\"generations\":{},\"reloads\":{},\"restarts\":{},"
      "\"stalls\":{}",
      EPOLLHOST_VERSION, ::getpid(), m.current() ? m.current()->number() : 0, m.generations().size(), m.reloads().good,
      m.restart_count(), m.stall_count());
  put_json_attempts(out, "reload", m.reloads());
  put_json_attempts(out, "upgrade", m.upgrades());
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
