// Distributed under the Boost Software License, Version 1.0.
// The master with what is around it: log, pid file, control socket, service manager, upgrade.
#include "cli/program.hpp"

#include "cli/address.hpp"
#include "cli/running.hpp"
#include "master/child.hpp"
#include "master/early_log.hpp"
#include "master/status.hpp"
#include "master/way_back.hpp"

#include <epollhost/version.h>
#include <fmt/format.h>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>

namespace epollhost::cli {
namespace {

constexpr std::chrono::seconds upgrade_check_timeout{10};

// What clients of the control socket wait for.
const std::string reload_request = "reload wait", reload_running = "reload that has begun";
const std::string upgrade_request = "upgrade wait";

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

void say_serving(const master::generation& g) {
  for (std::size_t i = 0; i < g.what().instances.size(); ++i) {
    const auto& [plugin, settings, why, channels] = g.what().instances[i];
    std::vector<net::endpoint> real;
    for (const auto& address : g.listening()[i]) real.push_back(address->bound());
    const std::string reason = why.empty() ? "" : fmt::format(" ({})", why);
    log::info(settings.name, "{} {} listens on {}, {} worker{}{}, generation {}", plugin.name, plugin.version,
              to_string(settings.listen, real), settings.workers, settings.workers == 1 ? "" : "s", reason, g.number());
  }
}

} // namespace

program::program(const program_settings& settings, master::planner make_plan, const std::vector<std::string>& words,
                 master::passed_sockets passed)
    : settings_(settings), command_(master::command::of_this_process(words)), inherited_(master::find_handover()),
      log_(master::start_log_process(settings.log)),
      earlier_logs_(inherited_ ? inherited_->logs : std::vector<master::handover::log>()),
      master_(settings.master, std::move(make_plan), tell(), std::move(passed)), watchdog_(master_.loop()),
      log_rest_(master_.loop()) {
  master::log_to(log_, settings_.log);
  master::end_early_log();
  master::keep_in_children(log_.writer.get());
  say_start(settings_);
  master_.channels().connect(std::move(log_.channels));
  earlier_logs_.pass_ended(master_.channels());
  if (const auto why = master::why_it_went_back())
    log::error("", "the upgrade failed, going back to the program before it: {}", *why);
  try {
    if (inherited_) master_.take_over(*inherited_);
    take_pid_file();
    open_control();
    keep_watchdog_quiet();
  } catch (const std::exception& e) {
    master::go_back_if_possible(e.what()); // before our sockets are closed
    throw;
  }
}

program::~program() { log::set_sink(nullptr); }

void program::run(master::plan first, master::plugin_store plugins) {
  try {
    master_.run(std::move(first), std::move(plugins));
  } catch (const std::exception& e) {
    master::go_back_if_possible(e.what()); // before our sockets are closed
    throw;
  }
}

void program::take_pid_file() {
  const std::string& path = settings_.master.pid_file;
  if (path.empty()) return;
  if (inherited_ && inherited_->pid_file >= 0)
    pid_file_.emplace(path, settings_.master.control, net::unique_fd(inherited_->pid_file));
  else
    pid_file_.emplace(path, settings_.master.control);
}

void program::open_control() {
  if (settings_.master.control.empty()) return;
  control_.emplace(master_.loop(), settings_.master.control, settings_.master.control_mode,
                   [this](const std::string& request) { return answer(request); });
  // Copies: the image that this one may go back to answers them, too.
  for (const int fd : inherited_ ? inherited_->waiting : std::vector<int>())
    if (net::unique_fd copy(::fcntl(fd, F_DUPFD_CLOEXEC, 3)); copy) control_->adopt(std::move(copy), upgrade_request);
}

void program::answer_waiting(const std::string& request, const std::string& text) {
  if (control_) control_->answer_waiting(request, one_line(text) + "\n");
}

// As long as the loop turns, and no longer.
void program::keep_watchdog_quiet() {
  const auto period = service_manager_.watchdog_period();
  if (period.count() == 0) return;
  service_manager_.watchdog(); // without a service manager that listens, there is nothing to be done about it
  watchdog_.expires_after(period);
  watchdog_.async_wait([this](boost::system::error_code ec) {
    if (!ec) keep_watchdog_quiet();
  });
}

// ---- what the master tells

master::master_process::listeners_to program::tell() {
  return {.serving = [this](const master::generation& g) { on_serving(g); },
          .reloading = [this] { service_manager_.reloading(); },
          .unchanged =
              [this](const master::generation& g) {
                service_manager_.ready(fmt::format("a reload failed, generation {} serves", g.number()));
              },
          .reload_begins =
              [this] {
                if (control_) control_->rename_waiting(reload_request, reload_running);
              },
          .reload_ended =
              [this](const std::string& error) {
                const auto* const g = master_.current();
                answer_waiting(reload_running, error.empty() && g ? fmt::format("good: generation {} serves", g->number())
                                                                  : "failed: " + error);
              },
          .stopping =
              [this] {
                if (inherited_) settle(); // whatever happens now, nobody goes back: the end was asked for
                for (const auto& request : {reload_request, reload_running, upgrade_request})
                  answer_waiting(request, "failed: the program ends");
                log::info("", "ending: all workers drain");
                service_manager_.stopping("draining");
              },
          .reopen_logs =
              [this] {
                master::reopen_log(log_);
                earlier_logs_.reopen();
              },
          .upgrade = [this] { upgrade(); },
          .start_failed = [this](const std::string& why) { on_start_failed(why); },
          .other_child = [this](pid_t pid, int status) { on_child(pid, status); }};
}

void program::on_serving(const master::generation& g) {
  if (g.can_start()) say_serving(g); // one from before an upgrade does not know what its addresses were called
  if (!ready_said_ || !master_.is_reloading()) // READY=1 would be taken for the answer to the reload that follows
    service_manager_.ready(fmt::format("generation {} serves", g.number()));
  ready_said_ = true;
  if (!inherited_) return;
  const std::optional<std::string> went_back = master::why_it_went_back();
  settle();
  if (went_back) {
    log::warning("", "the program from before the upgrade, {}, serves again", EPOLLHOST_VERSION);
    return upgrade_failed(went_back->empty() ? "the new program went back; the log says why" : *went_back);
  }
  log::info("", "the program was upgraded to {}", EPOLLHOST_VERSION);
  master_.upgrade_ended({});
  answer_waiting(upgrade_request, fmt::format("good: the program was upgraded to {}", EPOLLHOST_VERSION));
}

// After an upgrade. This is the new program, which goes back, or the old one that it has gone back to: then the workers
// from before serve on, until a reload finds what was wrong mended.
void program::on_start_failed(const std::string& why) {
  if (!inherited_) return;
  answer_waiting(upgrade_request, "failed: " + why);
  master::go_back_if_possible(why);
  settle();
  master_.upgrade_ended(why);
  log::error(
      "",
      "no new workers: {}. Those from before the upgrade serve on, and are not replaced if they die; mend it, and "
      "reload",
      why);
}

void program::on_child(pid_t pid, int status) {
  const bool earlier = earlier_logs_.pass_ended(pid, master_.channels());
  if ((earlier && status != 0) || pid == log_.pid)
    log::warning("", "the log process {} {}; another one reads its pipes. A line that it was writing may be lost", pid,
                 master::describe_end(status));
  if (pid != log_.pid) return;
  log_.pid = -1;
  start_log_again();
}

// Lines wait in the pipe meanwhile.
void program::start_log_again() {
  try {
    master::restart_log_process(log_, settings_.log);
    master_.channels().connect(std::move(log_.channels));
  } catch (const std::exception& e) {
    log::error("", "the log process cannot be started again, which is tried every second: {}", e.what());
    log_rest_.expires_after(std::chrono::seconds(1));
    log_rest_.async_wait([this](boost::system::error_code ec) {
      if (!ec) start_log_again();
    });
  }
}

// ---- upgrade

void program::settle() {
  master::stay();
  master::settle(*inherited_);
  master::close_inherited(*inherited_);
  for (const int fd : inherited_->waiting) ::close(fd); // we have copies
  inherited_.reset();
}

void program::upgrade() {
  log::info("", "upgrading to the program {}", command_.program);
  std::string why;
  try {
    why = try_upgrade();
  } catch (const std::exception& e) { // no descriptor or process is left for it
    why = e.what();
  }
  log::error("", "the upgrade failed, this program goes on: {}", why);
  upgrade_failed(why);
}

// The old workers write to this log process until they have drained.
std::vector<master::handover::log> program::logs() const {
  auto out = earlier_logs_.to_handover();
  auto& now = out.emplace_back(master::handover::log{log_.pid, {}});
  now.pipes.push_back({{}, std::uint64_t(master::channel_content::log), log_.reader.get()});
  for (const auto& [id, p] : master_.channels().all())
    now.pipes.push_back({p.path, static_cast<std::uint64_t>(p.content), p.reader.get()});
  return out;
}

// Returns only if it fails: with the reason.
std::string program::try_upgrade() {
  auto h = master_.to_handover();
  if (!h) return "a generation is starting or ending; try again when it is done";
  if (std::string why = master::check_new_program(command_, upgrade_check_timeout); !why.empty()) return why;
  const net::unique_fd file(master::open_this_program());
  h->program = file.get();
  if (pid_file_) h->pid_file = pid_file_->fd();
  h->logs = logs();
  if (control_) h->waiting = control_->waiting(upgrade_request);
  return master::execute(command_, *h);
}

void program::upgrade_failed(const std::string& why) {
  master_.upgrade_ended(why);
  answer_waiting(upgrade_request, "failed: " + why);
}

// A signal to ourselves is read by the loop in its turn, as if it had come from outside.
std::optional<std::string> program::answer(const std::string& request) const {
  if (request == "status") return master::status_table(master_);
  if (request == "status json") return master::status_json(master_);
  if (const int signal = request.starts_with("signal ") ? signal_of(request.substr(7)) : 0)
    return ::kill(::getpid(), signal) == 0 ? "good\n" : "failed\n";
  if (request != reload_request && request != upgrade_request)
    return "unknown request; expected \"status\" or \"status json\", \"reload wait\", \"upgrade wait\", or "
           "\"signal WORD\" with a word of --signal\n";
  if (master_.is_stopping()) return "failed: the program ends\n";
  ::kill(::getpid(), request == reload_request ? SIGHUP : SIGUSR2);
  return {};
}

} // namespace epollhost::cli
