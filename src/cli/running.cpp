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

#include <stdexcept>

namespace epollhost::cli {
namespace {

constexpr unsigned signal_patience_s = 30; // the master may be trying a plugin

failure where_is_it(const char* option) {
  return failure(exit_status::usage,
                 fmt::format("--{} needs to know which running program is meant; add --pid-file FILE or --control PATH",
                             option));
}

// Where it is asked. Who has only the pid file finds the control socket by it.
std::string control_path(const master::master_settings& given) {
  const bool is_guess = !given.pid_file.empty() && given.control == given.pid_file + ".control";
  return is_guess ? master::control_of(given.pid_file) : given.control;
}

// Only what is certainly the process of the pid file is signalled: the one that holds its lock says the same number as
// the kernel, of the one that listens at the control socket. It need not be the same number in another namespace.
bool signal_by_number(const master::master_settings& given, const std::string& control, int signal) {
  if (given.pid_file.empty()) return false;
  const pid_t process = master::process_at_control(control);
  return process > 0 && master::read_pid(given.pid_file) == process &&
         master::signal_at_control(control, process, signal);
}

void check_answer(const std::string& answer, const std::string& control) {
  if (answer.starts_with("good")) return;
  throw failure(exit_status::failed,
                answer.empty() ? fmt::format("the program at {} ended before it answered", control)
                               : fmt::format("the program at {} answered: {}", control, answer));
}

std::string wait_for(const std::string& what, const std::string& control) {
  const std::string answer = master::ask_control(control, what + " wait", 0);
  const std::string line = answer.substr(0, answer.find('\n'));
  const auto colon = line.find(": ");
  const std::string text = colon == line.npos ? line : line.substr(colon + 2);
  if (line.starts_with("good")) return fmt::format("{}: {}\n", what, text);
  if (line.empty())
    throw failure(exit_status::unsuccessful, fmt::format("the program ended before the {} was done", what));
  if (!line.starts_with("failed")) throw failure(exit_status::failed, line);
  throw failure(exit_status::unsuccessful, fmt::format("the {} failed: {}", what, text));
}

} // namespace

std::string ask_status(const program_settings& program) {
  const std::string control = control_path(program.master);
  if (control.empty()) throw where_is_it("status");
  try {
    const std::string answer = master::ask_control(control, program.json ? "status json" : "status");
    if (answer.empty())
      throw failure(exit_status::failed, fmt::format("the program at {} ended before it answered", control));
    return answer;
  } catch (const failure&) {
    throw;
  } catch (const std::runtime_error& e) {
    throw failure(exit_status::failed, e.what());
  }
}

int signal_of(std::string_view word) {
  if (word == "reload") return SIGHUP;
  if (word == "stop") return SIGTERM;
  if (word == "reopen") return SIGUSR1;
  return word == "upgrade" ? SIGUSR2 : 0;
}

std::string send_signal(const program_settings& program) {
  const std::string control = control_path(program.master);
  const std::string& pid_file = program.master.pid_file;
  if (control.empty()) throw where_is_it("signal");
  try {
    if (!pid_file.empty()) master::read_pid(pid_file); // says why nobody is there
    if (program.wait) return wait_for(program.signal, control);
    if (!signal_by_number(program.master, control, signal_of(program.signal)))
      check_answer(master::ask_control(control, "signal " + program.signal, signal_patience_s), control);
    return {};
  } catch (const failure&) {
    throw;
  } catch (const std::runtime_error& e) {
    throw failure(exit_status::failed, e.what());
  }
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
