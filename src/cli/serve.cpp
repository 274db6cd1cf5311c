// Distributed under the Boost Software License, Version 1.0.
// Runs what was configured: in this process, or as a master with its workers.
#include "cli/serve.hpp"

#include "cli/address.hpp"
#include "master/child.hpp"
#include "master/control.hpp"
#include "master/cpus.hpp"
#include "master/master.hpp"
#include "master/pid_file.hpp"
#include "master/status.hpp"
#include "master/upgrade.hpp"
#include "net/process.hpp"
#include "worker/worker.hpp"

#include <epollhost/version.h>
#include <fmt/format.h>

#include <memory>
#include <optional>

namespace epollhost::cli {
namespace {

constexpr std::chrono::seconds upgrade_check_timeout{10};
constexpr std::uint64_t spare_descriptors = 64; // what the loop, the listeners and the plugin need

void check_descriptors(const worker_settings& s, std::uint64_t files) {
  if (files >= s.limits.max_connections + spare_descriptors) return;
  log::warning(
      s.name,
      "only {} descriptors may be open, too few for {} connections; raise the hard limit (ulimit -Hn, LimitNOFILE= "
      "of systemd) or lower --max-connections",
      files, s.limits.max_connections);
}

std::string listed(const worker_settings& settings, const std::vector<net::endpoint>& real) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < real.size(); ++i)
    out.push_back(to_string(listen_address{real[i], settings.listen.at(i).wildcard}));
  return fmt::format("{}", fmt::join(out, ", "));
}

// ---- without a master

void serve_here(const instance& of) {
  worker served(of.settings, plugin_library::open(of.settings.plugin_file, of.settings.allow_insecure_plugin));
  log::info(of.settings.name, "{} {} listens on {}, in this process", of.plugin.name, of.plugin.version,
            listed(of.settings, served.listening()));
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

void say_serving(const master::generation& g) {
  for (std::size_t i = 0; i < g.what().instances.size(); ++i) {
    const auto& [plugin, settings, why] = g.what().instances[i];
    std::vector<net::endpoint> real;
    for (const auto& address : g.listening()[i]) real.push_back(address->bound());
    log::info(settings.name, "{} {} listens on {}, {} worker{}, generation {}", plugin.name, plugin.version,
              listed(settings, real), settings.workers, settings.workers == 1 ? "" : "s", g.number());
  }
}

// All of the program that is not the workers: the log, the control socket, and what the master tells them.
class program {
public:
  program(const program_settings& settings, const reader& read_again, const std::vector<std::string>& words)
      : settings_(settings), command_(master::command::of_this_process(words)), inherited_(master::find_handover()),
        log_(master::start_log_process(settings.log)),
        master_(
            settings.master, [read_again](master::plugin_store& s) { return to_plan(read_again(s)); }, tell(),
            inherited_) {
    master::log_to(log_, settings_.log);
    master::keep_in_children(log_.writer.get());
    try {
      take_pid_file();
      open_control();
    } catch (const std::exception& e) {
      master::go_back_if_possible(e.what()); // before our sockets are closed
      throw;
    }
  }
  ~program() { log::set_sink(nullptr); }

  void run(master::plan first, master::plugin_store plugins) { master_.run(std::move(first), std::move(plugins)); }

private:
  void take_pid_file() {
    const std::string& path = settings_.master.pid_file;
    if (path.empty()) return;
    if (inherited_ && inherited_->pid_file >= 0)
      pid_file_.emplace(path, net::unique_fd(inherited_->pid_file));
    else
      pid_file_.emplace(path);
  }

  void open_control() {
    if (settings_.master.control.empty()) return;
    control_.emplace(master_.loop(), settings_.master.control, settings_.master.control_mode,
                     [this](const std::string& request) { return answer(request); });
  }

  master::master_process::listeners_to tell() {
    return {.serving = [this](const master::generation& g) { on_serving(g); },
            .reloading = {},
            .stopping = [] { log::info("", "ending: all workers drain"); },
            .reopen_logs = [this] { master::reopen_log(log_); },
            .upgrade = [this] { upgrade(); },
            .start_failed = [this](const std::string& why) { on_start_failed(why); },
            .other_child =
                [this](pid_t pid, int) {
                  if (pid == log_.pid) master::restart_log_process(log_, settings_.log);
                }};
  }

  void on_serving(const master::generation& g) {
    say_serving(g);
    if (!inherited_) return;
    settle();
    log::info("", "the program was upgraded to {}", EPOLLHOST_VERSION);
  }

  // After an upgrade. This is the new program, which goes back, or the old one that it has gone back to: then the
  // workers from before serve on, until a reload finds what was wrong mended.
  void on_start_failed(const std::string& why) {
    if (!inherited_) return;
    master::go_back_if_possible(why);
    settle();
    log::error("",
               "no new workers: {}. Those from before the upgrade serve on, and are not replaced if they die; mend it, "
               "and reload",
               why);
  }

  void settle() {
    master::stay();
    master::settle(*inherited_);
    inherited_.reset();
  }

  void upgrade() {
    log::info("", "upgrading to the program {}", command_.program);
    std::string why = master::check_new_program(command_, upgrade_check_timeout);
    auto h = master_.to_handover();
    if (!h) why = "a generation is starting or ending; try again when it is done";
    if (why.empty()) {
      const net::unique_fd program(master::open_this_program());
      h->program = program.get();
      if (pid_file_) h->pid_file = pid_file_->fd();
      why = master::execute(command_, *h);
    }
    log::error("", "the upgrade failed, this program goes on: {}", why);
  }

  std::string answer(const std::string& request) {
    if (request == "status") return master::status_table(master_);
    if (request == "status json") return master::status_json(master_);
    return fmt::format("unknown request; expected \"status\" or \"status json\"\n");
  }

  const program_settings settings_;
  const master::command command_;
  std::optional<master::handover> inherited_; // until our own workers serve
  master::log_process log_;
  master::master_process master_;
  std::optional<master::pid_file> pid_file_;
  std::optional<master::control_server> control_;
};

} // namespace

void serve(configuration first, master::plugin_store plugins, const reader& read_again,
           const std::vector<std::string>& words) {
  net::ignore_broken_pipes();
  const auto files = net::raise_descriptor_limit();
  for (const instance& i : first.instances) check_descriptors(i.settings, files);
  if (first.instances.front().settings.workers == 0) return serve_here(first.instances.front());
  master::plan plan = to_plan(first);
  program(first.program, read_again, words).run(std::move(plan), std::move(plugins));
}

} // namespace epollhost::cli
