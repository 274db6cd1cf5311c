// Distributed under the Boost Software License, Version 1.0.
// The table of the host's own options.
#include "cli/host_options.hpp"

#include "cli/option_makers.hpp"
#include "cli/special_options.hpp"

#include <chrono>
#include <climits>

namespace epollhost::cli {
namespace {

constexpr std::int64_t KiB = 1024, MiB = 1024 * KiB, GiB = 1024 * MiB;
constexpr std::int64_t day = std::chrono::nanoseconds(std::chrono::days(1)).count();
constexpr std::int64_t slots_max = (1 << 24) - 1; // a connection's slot has 24 bits

host_option log_level() {
  host_option out = of_program(EH_CHOICE, "log-level", "", "how much is logged");
  out.about.choices = {"error", "warning", "info", "debug"};
  return out;
}

void add_master(std::vector<host_option>& to) {
  to.push_back(bounded(
      of_program(EH_INTEGER, "generations-max", "", "old generations alive at once; then a reload waits"), 1, 1000));
  to.push_back(
      bounded(of_program(EH_DURATION, "ready-timeout", "", "how long new workers may take to be ready"), 1, day));
  to.push_back(bounded(of_program(EH_DURATION, "reload-timeout", "",
                                  "how long a reload may wait for old generations to drain before it fails"),
                       1, day));
  to.push_back(holding(
      holds::path, of_program(EH_STRING, "pid-file", "FILE", "write the number of the master process to this file")));
  to.push_back(
      holding(holds::socket,
              of_program(EH_STRING, "control", "PATH",
                         "the unix socket that answers --status and --signal; its mode is 0600. Default: FILE.control of --pid-file")));
  to.push_back(of_program(EH_STRING, "user", "NAME", "run the workers as this user"));
  to.push_back(of_program(EH_STRING, "group", "NAME", "run the workers as this group; default: the user's"));
}

void add_program(std::vector<host_option>& to) {
  host_option plugin = of_program(EH_STRING, "plugin", "[NAME=]FILE",
                                  "host this plugin; NAME names its options and is the plugin's own name if left out");
  host_option folder = of_program(EH_STRING, "plugin-dir", "DIR",
                                  "where to look first for a FILE without a slash; give it again for more folders. "
                                  "Then follow plugins/ beside the program and the installed folder");
  host_option config = of_program(EH_STRING, "config", "FILE", "read options from this file (INI)");
  plugin.repeatable = folder.repeatable = true;
  plugin.what = holds::plugin;
  folder.what = holds::path;
  config.file = false;
  to.insert(to.end(), {plugin, folder, config});
  to.push_back(of_program(EH_FLAG, "allow-insecure-plugin", "", "host a plugin that other users can overwrite"));
  host_option insecure_config = of_program(EH_FLAG, "allow-insecure-config", "",
                                           "read options from a file that other users can overwrite");
  insecure_config.file = false;
  to.push_back(insecure_config);
  to.push_back(log_level());
  to.push_back(
      holding(holds::path, of_program(EH_STRING, "log-file", "FILE", "log to this file; SIGUSR1 opens it again")));
  host_option format = of_program(EH_CHOICE, "log-format", "", "how a line of the log looks");
  format.about.choices = {"text", "json"};
  to.push_back(format);
  to.push_back(of_program(EH_FLAG, "log-stderr", "", "log to the standard error, also if there is a file or syslog"));
  to.push_back(of_program(EH_FLAG, "syslog", "", "log to syslog"));
  add_master(to);
  to.push_back(command("check", "say whether the configuration is good, and end"));
  to.push_back(command("show-config", "print every option with its value and where it comes from, and end"));
  to.push_back(command("list-plugins", "print name, version and summary of the plugins that are found, and end"));
  host_option check_plugin =
      of_program(EH_STRING, "check-plugin", "[NAME=]FILE",
                 "look at a plugin as a careful reviewer would, run it in memory against hostile peers, and end");
  check_plugin.file = false;
  to.push_back(check_plugin);
  host_option new_plugin =
      of_program(EH_STRING, "new-plugin", "NAME",
                 "write a folder NAME with the beginnings of a plugin, its tests, and files to build it, and end");
  host_option style = of_program(EH_CHOICE, "style", "", "with --new-plugin: what it is written in");
  new_plugin.file = style.file = false;
  style.about.choices = {"c", "class", "coroutine", "http"};
  to.insert(to.end(), {new_plugin, style});
  to.push_back(command("status", "print what the running program (of --control or --pid-file) does, and end"));
  to.push_back(command("json", "with --status: as JSON"));
  host_option signal =
      of_program(EH_CHOICE, "signal", "", "tell the running program (of --control or --pid-file) to do this, and end");
  signal.file = false;
  signal.about.choices = {"reload", "stop", "reopen", "upgrade"};
  to.push_back(signal);
  to.push_back(command("wait", "with --signal reload or upgrade: wait until it is done, and say whether it was"));
  to.push_back(command("help", "print this page, with the options of the plugins that are named, and end"));
  to.push_back(command("version", "print the version, and end"));
}

void add_sockets(std::vector<host_option>& to) {
  using w = worker_settings;
  to.push_back(listen_option());
  to.push_back(unix_mode_option());
  to.push_back(unix_user_option());
  to.push_back(unix_group_option());
  to.push_back(number<&w::backlog>(
      EH_INTEGER, "backlog", "connections that the kernel keeps waiting; net.core.somaxconn cuts it", 1, INT_MAX));
  to.push_back(choice<&w::trigger>("trigger", "epoll reports changes (edge) or states (level)", {"edge", "level"}));
  to.push_back(flag<&w::nodelay>("nodelay", "TCP_NODELAY: send small segments at once; off waits for acknowledgements"));
  to.push_back(flag<&w::cork>("cork", "TCP_CORK around each turn: send full segments"));
  to.push_back(choice<&w::policy>(
      "write-policy", "one send for each turn of the loop, or one for each call of the plugin", {"turn", "now"}));
  to.push_back(number<&w::spin>(EH_DURATION, "spin", "poll so long before sleeping: lower latency for processor time",
                                0, std::chrono::nanoseconds(std::chrono::seconds(1)).count()));
  to.push_back(workers_option());
  to.push_back(number<&w::stall_warn>(EH_DURATION, "stall-warn",
                                      "report a worker whose loop has not turned for so long; 0: never", 0, day));
  to.push_back(number<&w::stall_kill>(EH_DURATION, "stall-kill",
                                      "replace a worker whose loop has not turned for so long; 0: never", 0, day));
  to.push_back(number<&w::drain_timeout>(EH_DURATION, "drain-timeout",
                                         "close what is left so long after the end was asked for; 0: never", 0, day));
  to.push_back(number<&w::idle_drain>(EH_DURATION, "idle-drain",
                                      "when the program ends, close idle connections after so long", 0, day));
}

void add_limits(std::vector<host_option>& to) {
  using l = limits;
  to.push_back(number<&l::max_connections>(EH_INTEGER, "max-connections",
                                           "open at once; above it connections wait in the backlog", 1, slots_max));
  to.push_back(number<&l::input_max>(EH_SIZE, "input-max", "unconsumed input kept for a connection", KiB, GiB));
  to.push_back(number<&l::output_high>(EH_SIZE, "output-high", "queued output above which reading stops", 1, GiB));
  to.push_back(number<&l::output_low>(EH_SIZE, "output-low", "queued output below which reading goes on", 0, GiB));
  to.push_back(number<&l::output_max>(EH_SIZE, "output-max",
                                      "queued output above which the plugin's writes are refused", EH_OUT_MIN, GiB));
  to.push_back(number<&l::output_files>(EH_INTEGER, "output-files",
                                        "queued files above which the plugin's next is refused", 1, 65'536));
  to.push_back(number<&l::turn_bytes>(EH_SIZE, "turn-bytes", "read from one connection before others have their turn",
                                      KiB, GiB));
  to.push_back(number<&l::turn_calls>(
      EH_INTEGER, "turn-calls", "calls of the plugin for one connection before others have their turn", 1, 1'000'000));
  to.push_back(number<&l::accept_batch>(EH_INTEGER, "accept-batch", "connections accepted in one turn", 1, 65'536));
  to.push_back(number<&l::send_timeout>(EH_DURATION, "send-timeout",
                                        "reset a peer that takes no output for so long; 0: never", 0, day));
  to.push_back(number<&l::linger_timeout>(EH_DURATION, "linger-timeout",
                                          "how long a close waits for a peer that is still sending", 0, day));
  to.push_back(number<&l::linger_bytes>(EH_SIZE, "linger-bytes", "how much a close reads and drops meanwhile", 0, GiB));
}

void add_recording(std::vector<host_option>& to) {
  using w = worker_settings;
  to.push_back(record_option());
  to.push_back(
      number<&w::record_limit>(EH_SIZE, "record-limit", "bytes of one recording; there it ends", 64 * KiB, 1024 * GiB));
  to.push_back(number<&w::record_every>(EH_INTEGER, "record-every",
                                        "record the first of each so many connections; 1: all", 1, INT_MAX));
  to.push_back(record_peer_option());
}

} // namespace

std::span<const host_option> host_options() {
  static const std::vector<host_option> table = [] {
    std::vector<host_option> out;
    add_program(out);
    add_sockets(out);
    add_limits(out);
    add_recording(out);
    return out;
  }();
  return table;
}

const host_option* find_host_option(std::string_view name) {
  for (const host_option& option : host_options())
    if (option.about.name == name) return &option;
  return nullptr;
}

} // namespace epollhost::cli
