// Distributed under the Boost Software License, Version 1.0.
// The command line of epollhost-sim.
#include "sim/options.hpp"

#include "cli/arguments.hpp"
#include "cli/suggestion.hpp"
#include "cli/text.hpp"
#include "cli/value.hpp"
#include "net/sim/fault.hpp"

#include <epollhost/plugin.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <limits>

namespace epollhost::sim {
namespace {

using cli::assignment;
using cli::exit_status;
using cli::failure;

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

struct own_option {
  option_description about;
  const char* value_name;
  std::function<void(options&, const option_value&)> set;
};

own_option make(std::uint32_t type, const char* name, const char* value_name, const char* help,
                std::function<void(options&, const option_value&)> set) {
  own_option out{{}, value_name, std::move(set)};
  out.about.name = name;
  out.about.help = help;
  out.about.type = type;
  return out;
}

own_option number(const char* name, std::int64_t min, std::int64_t max, const char* help,
                  std::function<void(options&, std::int64_t)> set) {
  own_option out = make(EH_INTEGER, name, "N", help, [set](options& o, const option_value& v) { set(o, v.integer); });
  out.about.min.integer = min;
  out.about.max.integer = max;
  return out;
}

own_option choice(const char* name, std::vector<std::string> choices, const char* help,
                  std::function<void(options&, std::int64_t)> set) {
  own_option out = make(EH_CHOICE, name, "", help, [set](options& o, const option_value& v) { set(o, v.integer); });
  out.about.choices = std::move(choices);
  return out;
}

std::vector<std::string> parts_of(std::string_view list) {
  std::vector<std::string> out;
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    out.emplace_back(list.substr(0, comma));
    list.remove_prefix(comma == list.npos ? list.size() : comma + 1);
  }
  return out;
}

std::uint64_t fault_bit(const std::string& name) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < net::sim::fault_count; ++i) {
    names.emplace_back(to_string(static_cast<net::sim::fault>(i)));
    if (names.back() == name) return std::uint64_t(1) << i;
  }
  throw failure(exit_status::usage, fmt::format("--faults: unknown fault {}{}; there are {}", cli::in_quotes(name),
                                                cli::did_you_mean(name, names), cli::listed(names)));
}

std::uint32_t client_bit(const std::string& number) {
  option_description whole;
  whole.type = EH_INTEGER;
  whole.max.integer = clients_max - 1;
  try {
    return 1u << cli::parse_value(whole, number).integer;
  } catch (const cli::bad_value& e) {
    throw failure(exit_status::usage, fmt::format("--clients: {}", e.what()));
  }
}

template <class Bit> auto bits_of(const std::string& list, Bit bit) {
  decltype(bit(list)) out = 0;
  if (list != "none")
    for (const std::string& one : parts_of(list)) out |= bit(one);
  return out;
}

void add_what_runs(std::vector<own_option>& to) {
  to.push_back(make(EH_STRING, "plugin", "FILE", "the plugin to test, unmodified",
                    [](options& o, const option_value& v) { o.plugin = v.text; }));
  to.push_back(make(EH_STRING, "plugin-dir", "DIR",
                    "where to look first for a FILE without a slash; may be given again",
                    [](options& o, const option_value& v) { o.plugin_folders.push_back(v.text); }));
  to.push_back(make(EH_FLAG, "allow-insecure-plugin", "", "take a plugin that other users can overwrite",
                    [](options& o, const option_value& v) { o.allow_insecure_plugin = v.integer; }));
  to.push_back(number("seeds", 1, most, "how many runs (default 1000)",
                      [](options& o, std::int64_t n) { o.seeds = std::uint64_t(n); }));
  to.push_back(number("first", 1, most, "the first seed (default 1)",
                      [](options& o, std::int64_t n) { o.first = std::uint64_t(n); }));
  to.push_back(number("jobs", 1, 1024, "runs at once, each in a process of its own (default: one a processor)",
                      [](options& o, std::int64_t n) { o.jobs = unsigned(n); }));
  to.push_back(choice("trigger", {"edge", "level", "both"}, "how epoll tells of events (default: by seed)",
                      [](options& o, std::int64_t n) {
                        if (n < 2) o.trigger = n == 0 ? loop::trigger::edge : loop::trigger::level;
                      }));
}

void add_what_is_said(std::vector<own_option>& to) {
  to.push_back(choice("talk", {"http", "lines", "bytes", "auto"},
                      "what clients say (default: http to a plugin that answers it, else bytes)",
                      [](options& o, std::int64_t n) {
                        if (n < 3) o.talk = static_cast<language>(n);
                      }));
  to.push_back(make(EH_STRING, "script", "FILE", "all clients say this; see doc/simulator.adoc",
                    [](options& o, const option_value& v) { o.script = v.text; }));
  to.push_back(make(EH_FLAG, "compare", "", "compare output with that to the same input in one piece (default on)",
                    [](options& o, const option_value& v) { o.compare = v.integer; }));
  to.push_back(make(EH_STRING, "mask", "TEXT", "lines of output that begin so may differ; may be given again",
                    [](options& o, const option_value& v) { o.masked_lines.push_back(v.text); }));
}

void add_servers(std::vector<own_option>& to) {
  to.push_back(choice("backend", {"echo", "collect", "none"},
                      "who is where the plugin connects to: a server that sends back what it gets, at once or "
                      "behind the end of it, or nobody (default echo)",
                      [](options& o, std::int64_t n) { o.backend = static_cast<service::role>(n); }));
  to.push_back(make(EH_STRING, "backend-script", "FILE", "these servers say this, as --script says for clients",
                    [](options& o, const option_value& v) { o.backend_script = v.text; }));
  to.push_back(make(EH_FLAG, "relayed", "", "servers receive what clients send, and clients what servers send",
                    [](options& o, const option_value& v) { o.relayed = v.integer; }));
  to.push_back(make(EH_FLAG, "pooled", "", "connections to servers may stay open when the clients have gone",
                    [](options& o, const option_value& v) { o.pooled = v.integer; }));
  to.push_back(make(EH_DURATION, "answer-within", "TIME",
                    "a client gets an answer or its end in this time, though a server is silent (default: it may wait "
                    "for it)",
                    [](options& o, const option_value& v) { o.answer_within_ns = v.integer; }));
}

void add_replay(std::vector<own_option>& to) {
  to.push_back(number("seed", 1, most, "run this seed alone and print its trace",
                      [](options& o, std::int64_t n) { o.how.seed = std::uint64_t(n), o.one_seed = true; }));
  to.push_back(make(EH_STRING, "clients", "LIST", "with --seed: only these clients, such as 0,2",
                    [](options& o, const option_value& v) { o.how.clients = bits_of(v.text, client_bit); }));
  to.push_back(make(EH_STRING, "faults", "LIST",
                    "with --seed: only these faults, such as short-read,late-input; or none",
                    [](options& o, const option_value& v) { o.how.faults = bits_of(v.text, fault_bit); }));
  to.push_back(number("faults-most", 0, most, "with --seed: only the first N faults",
                      [](options& o, std::int64_t n) { o.how.faults_most = std::uint64_t(n); }));
  to.push_back(number("cuts-most", 0, most, "with --seed: cut the input of a client at no more than N places",
                      [](options& o, std::int64_t n) { o.how.cuts_most = std::uint64_t(n); }));
  to.push_back(make(EH_FLAG, "slow-net", "", "with --seed: bytes travel for a while (default on)",
                    [](options& o, const option_value& v) { o.how.slow_net = v.integer; }));
  to.push_back(make(EH_STRING, "replay", "FILE",
                    "play a recording of epollhost --record, in this process: also under a debugger",
                    [](options& o, const option_value& v) { o.replay = v.text; }));
  to.push_back(make(EH_FLAG, "calm-backends", "", "with --seed: no server leaves or is down (default off)",
                    [](options& o, const option_value& v) { o.how.calm_backends = v.integer; }));
  to.push_back(make(EH_FLAG, "help", "", "print this, and end",
                    [](options& o, const option_value&) { o.what = options::action::help; }));
  to.push_back(make(EH_FLAG, "version", "", "print the version, and end",
                    [](options& o, const option_value&) { o.what = options::action::version; }));
}

const std::vector<own_option>& own_options() {
  static const std::vector<own_option> all = [] {
    std::vector<own_option> out;
    add_what_runs(out);
    add_what_is_said(out);
    add_servers(out);
    add_replay(out);
    return out;
  }();
  return all;
}

const own_option& find(const assignment& a) {
  std::vector<std::string> names;
  for (const own_option& o : own_options()) {
    if (o.about.name == a.option) return o;
    names.push_back(o.about.name);
  }
  throw at(
      a, exit_status::usage,
      fmt::format("there is no such option{}; see epollhost-sim --help", cli::did_you_mean(a.option, names, "--")));
}

option_value value_of(const assignment& a, const option_description& about) {
  if (!a.value && about.type != EH_FLAG) throw at(a, exit_status::usage, "a value is missing: " + cli::expected(about));
  try {
    return cli::parse_value(about, a.value.value_or("on"));
  } catch (const cli::bad_value& e) {
    throw at(a, exit_status::usage, e.what());
  }
}

// The plugin is named in the recording.
void check_replay(const options& o) {
  options beside;
  beside.replay = o.replay;
  beside.plugin = o.plugin;
  beside.plugin_folders = o.plugin_folders;
  beside.allow_insecure_plugin = o.allow_insecure_plugin;
  beside.masked_lines = o.masked_lines;
  beside.plugin_options = o.plugin_options;
  if (!(o == beside))
    throw failure(exit_status::usage, "--replay plays what was recorded; beside it stand --plugin, --plugin-dir, "
                                      "--allow-insecure-plugin, --mask and the plugin's options alone");
}

void check(const options& o) {
  if (o.what != options::action::run) return;
  if (!o.replay.empty()) return check_replay(o);
  if (o.plugin.empty()) throw failure(exit_status::usage, "no plugin is given; add --plugin FILE");
  plan rest = o.how;
  rest.seed = plan().seed;
  if (!o.one_seed && !(rest == plan()))
    throw failure(
        exit_status::usage,
        "--clients, --faults, --faults-most, --cuts-most, --slow-net and --calm-backends say what is left of one seed; "
        "add --seed");
  if (o.relayed && (!o.backend_script.empty() || o.backend == service::role::none))
    throw failure(exit_status::usage,
                  "--relayed is for servers that send back what they get: --backend echo or --backend collect");
  if (!o.backend_script.empty() && o.backend != service::role::echo)
    throw failure(exit_status::usage, "--backend and --backend-script are both given; servers do one or the other");
  if (o.talk && !o.script.empty())
    throw failure(exit_status::usage, "--talk and --script are both given; clients say one or the other");
}

} // namespace

options parse_options(const std::vector<std::string>& words) {
  options out;
  for (const assignment& a : cli::parse_arguments(words)) {
    if (!a.instance.empty()) {
      out.plugin_options.push_back(a);
      continue;
    }
    const own_option& o = find(a);
    o.set(out, value_of(a, o.about));
  }
  check(out);
  return out;
}

std::vector<option_value> default_values(const plugin_description& plugin) {
  std::vector<option_value> out;
  for (const option_description& d : plugin.options) out.push_back(d.fallback);
  return out;
}

std::vector<option_value> plugin_values(const options& o, const plugin_description& plugin,
                                        std::vector<option_value> out) {
  std::vector<std::string> names;
  for (const option_description& d : plugin.options) names.push_back(d.name);
  for (const assignment& a : o.plugin_options) {
    if (a.instance != plugin.name)
      throw at(
          a, exit_status::usage,
          fmt::format("there is no plugin {}; the one given is named {}", cli::in_quotes(a.instance), plugin.name));
    const auto found = std::find(names.begin(), names.end(), a.option);
    if (found == names.end())
      throw at(a, exit_status::usage,
               fmt::format("the plugin has no such option{}; its options are: {}", cli::did_you_mean(a.option, names),
                           names.empty() ? "none" : cli::listed(names)));
    const auto index = static_cast<std::size_t>(found - names.begin());
    out[index] = value_of(a, plugin.options[index]);
  }
  return out;
}

std::string help() {
  std::string out =
      "epollhost-sim --plugin FILE [options]\n\n"
      "Serves simulated clients with the plugin on a simulated kernel, once for each seed, with faults of\n"
      "many kinds, and says whether plugin and host did right. The plugin's own options are given as\n"
      "--NAME.option, as to epollhost.\n\n";
  for (const own_option& o : own_options()) {
    const std::string value = o.about.type == EH_FLAG     ? ""
                              : o.about.type == EH_CHOICE ? fmt::format("{}", fmt::join(o.about.choices, "|"))
                                                          : o.value_name;
    out += fmt::format("  --{:<32} {}\n", o.about.name + (value.empty() ? "" : " ") + value, o.about.help);
  }
  return out;
}

std::string to_options(const plan& p) {
  const plan all;
  std::string out = fmt::format(" --seed {}", p.seed);
  const auto list = [&](const char* name, std::uint64_t bits, std::size_t count, auto text) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < count; ++i)
      if (bits >> i & 1) names.push_back(text(i));
    if (names.size() < count)
      out += fmt::format(" --{} {}", name, names.empty() ? "none" : fmt::to_string(fmt::join(names, ",")));
  };
  list("clients", p.clients, clients_max, [](std::size_t i) { return std::to_string(i); });
  list("faults", p.faults, net::sim::fault_count,
       [](std::size_t i) { return std::string(to_string(static_cast<net::sim::fault>(i))); });
  if (p.faults_most != all.faults_most) out += fmt::format(" --faults-most {}", p.faults_most);
  if (p.cuts_most != all.cuts_most) out += fmt::format(" --cuts-most {}", p.cuts_most);
  if (!p.slow_net) out += " --slow-net off";
  if (p.calm_backends) out += " --calm-backends";
  return out;
}

} // namespace epollhost::sim
