// Distributed under the Boost Software License, Version 1.0.
// Runs what was configured: in this process, or as a master with its workers.
#include "cli/serve.hpp"

#include "cli/address.hpp"
#include "cli/failure.hpp"
#include "cli/program.hpp"
#include "master/cpus.hpp"
#include "master/handover.hpp"
#include "net/file.hpp"
#include "net/process.hpp"
#include "worker/worker.hpp"

#include <fmt/format.h>

namespace epollhost::cli {
namespace {

constexpr std::uint64_t spare_descriptors = 64; // what the loop, the listeners and the plugin need

void check_descriptors(const worker_settings& s, std::uint64_t files) {
  if (files >= s.limits.max_connections + spare_descriptors) return;
  log::warning(
      s.name,
      "only {} descriptors may be open, too few for {} connections; raise the hard limit (ulimit -Hn, LimitNOFILE= "
      "of systemd) or lower --max-connections",
      files, s.limits.max_connections);
}

// ---- without a master

void serve_here(const configuration& c) {
  const instance& of = c.instances.front();
  for (const std::string& warning : c.warnings) log::warning("", "{}", warning);
  say_start(c.program);
  worker served(of.settings, plugin_library::open(of.settings.plugin_file, of.settings.allow_insecure_plugin));
  served.loop().post([&] { // behind the plugin's `run`; if that has failed, this runs at the end
    if (!served.is_started()) return;
    log::info(of.settings.name, "{} {} listens on {}, in this process", of.plugin.name, of.plugin.version,
              to_string(of.settings.listen, served.listening()));
  });
  served.run();
}

// ---- as a master

master::plan to_plan(const configuration& c) {
  const master::usable_cpus cpus = master::count_cpus();
  master::plan out;
  for (const instance& i : c.instances) {
    auto& to = out.instances.emplace_back(master::planned_instance{i.plugin, i.settings, {}});
    if (i.plugin.single_worker) {
      to.settings.workers = 1;
      to.workers_why = "1: the connections of this plugin share state";
    } else if (to.settings.workers == worker_settings::auto_workers) {
      to.settings.workers = cpus.count;
      to.workers_why = cpus.why;
    }
  }
  out.warnings = c.warnings;
  return out;
}

} // namespace

void serve(configuration first, master::plugin_store plugins, const reader& read_again,
           const std::vector<std::string>& words, master::passed_sockets passed) {
  net::ignore_broken_pipes();
  net::refuse_streams();
  const auto files = net::raise_descriptor_limit();
  for (const instance& i : first.instances) check_descriptors(i.settings, files);
  if (first.instances.front().settings.workers == 0) {
    if (master::is_handed_over())
      throw failure(exit_status::configuration, "a program with workers cannot be upgraded to --workers 0; stop and "
                                                "start the service instead");
    return serve_here(first);
  }
  master::plan plan = to_plan(first);
  const auto plan_again = [read_again](master::plugin_store& s) { return to_plan(read_again(s)); };
  program(first.program, plan_again, words, std::move(passed)).run(std::move(plan), std::move(plugins));
}

} // namespace epollhost::cli
