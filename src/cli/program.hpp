// Distributed under the Boost Software License, Version 1.0.
// The master with what is around it: log, pid file, control socket, service manager, upgrade.
#ifndef EPOLLHOST_CLI_PROGRAM_HPP
#define EPOLLHOST_CLI_PROGRAM_HPP

#include "cli/program_settings.hpp"
#include "master/control.hpp"
#include "master/earlier_logs.hpp"
#include "master/log_process.hpp"
#include "master/master.hpp"
#include "master/pid_file.hpp"
#include "master/service_manager.hpp"
#include "master/upgrade.hpp"

#include <optional>
#include <string>
#include <vector>

namespace epollhost::cli {

/// Lives for the whole of run().
class program {
public:
  /// Starts the log process, takes the pid file and opens the control socket. Throws system_error, pid_file_error.
  program(const program_settings& settings, master::planner make_plan, const std::vector<std::string>& words,
          master::passed_sockets passed);
  ~program();

  /// Throws what master_process::run() throws.
  void run(master::plan first, master::plugin_store plugins);

private:
  master::master_process::listeners_to tell();
  void take_pid_file();
  void open_control();
  void keep_watchdog_quiet();

  void on_serving(const master::generation& g);
  void on_start_failed(const std::string& why);
  void on_child(pid_t pid, int wait_status);
  void start_log_again();
  void settle();
  void upgrade();
  std::string try_upgrade();
  std::vector<master::handover::log> logs() const;
  void answer_waiting(const std::string& request, const std::string& text);
  void upgrade_failed(const std::string& why);
  std::optional<std::string> answer(const std::string& request) const;

  const program_settings settings_;
  const master::command command_;
  const master::service_manager service_manager_;
  bool ready_said_ = false;
  std::optional<master::handover> inherited_; // until our own workers serve
  master::log_process log_;
  master::earlier_logs earlier_logs_;
  master::master_process master_;
  loop::steady_timer watchdog_;
  loop::steady_timer log_rest_; // between a log process that could not be started, and the next
  std::optional<master::pid_file> pid_file_;
  std::optional<master::control_server> control_;
};

} // namespace epollhost::cli

#endif
