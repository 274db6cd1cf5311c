// Distributed under the Boost Software License, Version 1.0.
// Speaks to a running program, and looks at the plugins that are there.
#include "cli/running.hpp"

#include "cli/failure.hpp"
#include "cli/plugin_search.hpp"
#include "master/control.hpp"
#include "master/pid_file.hpp"
#include "worker/plugin_refused.hpp"

#include <fmt/format.h>

#include <signal.h>

#include <cerrno>
#include <cstring>

namespace epollhost::cli {
namespace {

failure where_is_it(const char* option) {
  return failure(
      exit_status::usage,
      fmt::format("--{} needs to know which running program is meant; add {}", option,
                  option == std::string_view("signal") ? "--pid-file FILE" : "--pid-file FILE or --control PATH"));
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
  const pid_t pid = [&] {
    try {
      return master::read_pid(program.master.pid_file);
    } catch (const master::pid_file_error& e) {
      throw failure(exit_status::failed, e.what());
    }
  }();
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
