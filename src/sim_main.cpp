// Distributed under the Boost Software License, Version 1.0.
// The program epollhost-sim: tests a plugin on a simulated kernel.
#include "base/log.hpp"
#include "cli/plugin_search.hpp"
#include "cli/text.hpp"
#include "sim/campaign.hpp"
#include "sim/hosted_plugin.hpp"
#include "sim/last_log.hpp"
#include "sim/options.hpp"
#include "sim/replay.hpp"
#include "sim/report.hpp"
#include "sim/script.hpp"
#include "sim/trace_file.hpp"
#include "worker/plugin_refused.hpp"

#include <epollhost/version.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>
#include <thread>

namespace {

using namespace epollhost;
using namespace epollhost::sim;

constexpr std::size_t lines_most = 60; // of the trace of a failure that was found

plugin_library load(const options& o) {
  std::vector<std::string> folders = o.plugin_folders;
  for (const std::string& f : cli::default_plugin_folders(cli::running_program_folder())) folders.push_back(f);
  return plugin_library::open(cli::find_plugin(o.plugin, folders), o.allow_insecure_plugin);
}

campaign_settings settings_for(const options& o, const plugin_library& plugin) {
  campaign_settings s;
  s.make = host(plugin, plugin_values(o, plugin.describe(), default_values(plugin.describe())));
  s.trigger = o.trigger;
  s.talk = o.talk;
  if (!o.script.empty()) s.script = read_script(o.script);
  s.compare = o.compare;
  s.masked_lines = o.masked_lines;
  s.servers.what = o.backend;
  if (!o.backend_script.empty()) s.servers = {service::role::script, read_script(o.backend_script)};
  s.relayed = o.relayed;
  s.pooled = o.pooled;
  s.answer_within_ns = o.answer_within_ns;
  s.first = o.first;
  s.count = o.seeds;
  s.jobs = o.jobs ? o.jobs : std::max(1u, std::thread::hardware_concurrency());
  return s;
}

int run_one(campaign& c, const plan& how) {
  trace_file trace;
  const outcome seen = c.run_one(how, trace.fd());
  std::fputs(seen.good() ? trace.text().c_str() : explain(seen, trace.text(), ~std::size_t(0)).c_str(), stdout);
  if (seen.good()) fmt::print("good; the trace has the hash {:016x}\n", seen.seen.hash);
  return seen.good() ? 0 : 1;
}

int run_all(campaign& c, const options& o, const std::string& command) {
  const auto start = std::chrono::steady_clock::now();
  campaign_result r;
  {
    progress_bar bar(o.seeds);
    r = c.run([&bar](const campaign_result& now) { bar.show(now.seeds); });
  }
  std::fputs(summary(r, std::chrono::steady_clock::now() - start).c_str(), stdout);
  if (!r.found) return fmt::print("no failure was found\n"), 0;
  const finding smaller = c.shrink(*r.found);
  trace_file trace;
  c.run_one(smaller.how, trace.fd());
  fmt::print("\nseed {} fails. The smallest part of it that still does:\n{}replay it with:\n  {}{}\n",
             r.found->how.seed, explain(smaller.seen, trace.text(), lines_most), command, to_options(smaller.how));
  return 1;
}

void print(const std::string& line) {
  std::puts(line.c_str());
  std::fflush(stdout); // the plugin may end the process now
}

bool print_log(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  print(cli::printable(line));
  return true;
}

std::string content_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream out;
  errno = 0;
  if (!in || (!(out << in.rdbuf()) && errno != 0)) // no character at all is a failure, too
    throw cli::failure(cli::exit_status::configuration,
                       fmt::format("cannot read the recording {}: {}", cli::in_quotes(file), std::strerror(errno)));
  return out.str();
}

// In this process, so that a debugger is where the plugin is.
int run_replay(options o) {
  log::set_sink(print_log);
  const std::string bytes = content_of(o.replay);
  const recording what = read_recording(bytes);
  if (o.plugin.empty()) o.plugin = what.fact("plugin-file").value_or("");
  const plugin_library plugin = load(o);
  const replay_result r =
      play(what, plugin, plugin_values(o, plugin.describe(), recorded_values(what, plugin.describe(), print)),
           o.masked_lines, print);
  fmt::print("{} connections, {} turns of the loop, {} bytes received, {} bytes sent\n", r.connections, r.turns,
             r.received, r.sent);
  if (r.differences == 0) return fmt::print("all is as it was recorded\n"), 0;
  fmt::print("{} differences; the first: {}\n", r.differences, r.first_difference);
  return 1;
}

// What the user wrote, without what is the seed's.
std::string command_of(const std::vector<std::string>& words) {
  std::string out = "epollhost-sim";
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string name = words[i].substr(0, words[i].find('='));
    if (name == "--seeds" || name == "--first" || name == "--jobs") {
      if (name == words[i]) ++i;
      continue;
    }
    out += words[i].find_first_of(" '\"\\$&;|<>*?()") == std::string::npos ? " " + words[i] : " '" + words[i] + "'";
  }
  return out;
}

int run(const std::vector<std::string>& words) {
  const options o = parse_options({words.begin() + 1, words.end()});
  if (o.what == options::action::help) return std::fputs(help().c_str(), stdout), 0;
  if (o.what == options::action::version) return fmt::print("epollhost-sim {}\n", EPOLLHOST_VERSION), 0;
  if (!o.replay.empty()) return run_replay(o);
  log::set_sink(keep_last_line);
  const plugin_library plugin = load(o);
  campaign c(settings_for(o, plugin));
  return o.one_seed ? run_one(c, o.how) : run_all(c, o, command_of(words));
}

int refused(cli::exit_status status, const std::exception& e) {
  std::fprintf(stderr, "epollhost-sim: %s\n", cli::printable(e.what()).c_str());
  return static_cast<int>(status);
}

} // namespace

int main(int argc, char** argv) {
  try {
    return run({argv, argv + argc});
  } catch (const cli::failure& e) {
    return refused(e.status(), e);
  } catch (const plugin_refused& e) {
    return refused(cli::exit_status::plugin_refused, e);
  } catch (const bad_script& e) {
    return refused(cli::exit_status::configuration, e);
  } catch (const bad_recording& e) {
    return refused(cli::exit_status::configuration, e);
  } catch (const std::exception& e) {
    return refused(cli::exit_status::failed, e);
  }
}
