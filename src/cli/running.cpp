// Distributed under the Boost Software License, Version 1.0.
// Speaks to a running program, and looks at the plugins that are there.
#include "cli/running.hpp"

#include "cli/failure.hpp"
#include "cli/plugin_search.hpp"
#include "master/control.hpp"
#include "worker/plugin_refused.hpp"

#include <fmt/format.h>

#include <signal.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace epollhost::cli {
namespace {

failure where_is_it(const char* option) {
  return failure(
      exit_status::usage,
      fmt::format("--{} needs to know which running program is meant; add {}", option,
                  option == std::string_view("signal") ? "--pid-file FILE" : "--pid-file FILE or --control PATH"));
}

pid_t running_process(const std::string& file) {
  std::ifstream in(file);
  if (!in)
    throw failure(exit_status::failed, fmt::format("cannot read the pid file {}: {}", file, std::strerror(errno)));
  pid_t pid = 0;
  if (!(in >> pid) || pid <= 0)
    throw failure(exit_status::failed, fmt::format("the pid file {} holds no process number", file));
  return pid;
}

int number_of(const std::string& signal) {
  if (signal == "reload") return SIGHUP;
  if (signal == "stop") return SIGTERM;
  return signal == "reopen" ? SIGUSR1 : SIGUSR2;
}

} // namespace

std::string ask_status(const program_settings& program) {
  if (program.master.control.empty()) throw where_is_it("status");
  try {
    return master::ask_control(program.master.control, program.json ? "status json" : "status");
  } catch (const std::runtime_error& e) {
    throw failure(exit_status::failed, e.what());
  }
}

void send_signal(const program_settings& program) {
  if (program.master.pid_file.empty()) throw where_is_it("signal");
  const pid_t pid = running_process(program.master.pid_file);
  if (::kill(pid, number_of(program.signal)) != 0)
    throw failure(exit_status::failed, fmt::format("cannot signal process {} of {}: {}", pid, program.master.pid_file,
                                                   std::strerror(errno)));
}

std::string plugin_list(const program_settings& program, master::plugin_store& plugins) {
  std::string out;
  for (const std::string& name : plugins_in(program.folders)) {
    const std::string file = find_plugin(name, program.folders);
    try {
      const plugin_description d = plugins.describe(file, program.allow_insecure_plugin);
      out +=
          fmt::format("{:<16} {:<10} {}.{}  {}  ({})\n", d.name, d.version, d.abi_major, d.abi_minor, d.summary, file);
    } catch (const plugin_refused& e) {
      out += fmt::format("{:<16} {}\n", name, e.what());
    }
  }
  return out.empty() ? fmt::format("no plugins in {}\n", fmt::join(program.folders, ", ")) : out;
}

} // namespace epollhost::cli
