// Distributed under the Boost Software License, Version 1.0.
// The master process: starts, watches, replaces and ends the workers.
#include "master/master.hpp"

#include "base/log.hpp"
#include "master/channel_files.hpp"
#include "master/child.hpp"
#include "net/clock.hpp"
#include "worker/plugin_refused.hpp"

#include <fmt/format.h>

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include <algorithm>
#include <new>
#include <stdexcept>

namespace epollhost::master {
namespace {

constexpr std::chrono::seconds hand_over_max{1}; // for old workers to let go of the sockets

} // namespace

master_process::master_process(const master_settings& settings, planner make_plan, listeners_to tell,
                               const std::optional<handover>& inherited, passed_sockets passed)
    : settings_(settings), make_plan_(std::move(make_plan)), tell_(std::move(tell)),
      signals_(loop_, {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, SIGCHLD}), ready_timer_(loop_),
      hand_over_timer_(loop_), stall_timer_(loop_), channels_(loop_),
      board_(net::unique_fd(inherited ? inherited->scoreboard : -1)), sockets_(std::move(passed)),
      restarts_(loop_, [this](restarts::place where) { restart(where.first, where.second); }), stacks_(loop_),
      rights_(find_identity(settings_.user, settings_.group)) {
  if (inherited) adopt(*inherited);
}

master_process::~master_process() = default;

void master_process::run(plan first, plugin_store plugins) {
  try {
    next_ = make_generation(std::move(first), std::move(plugins));
    begin_generation();
  } catch (const std::exception& e) {
    if (!current_) throw;
    if (next_)
      abandon(e.what());
    else if (tell_.start_failed)
      tell_.start_failed(e.what());
  }
  wait_for_signal();
  watch_stalls();
  loop_.run();
  if (failure_) std::rethrow_exception(failure_);
}

// ---- signals

void master_process::wait_for_signal() {
  signals_.async_wait([this](boost::system::error_code, int signal) {
    wait_for_signal();
    on_signal(signal);
  });
}

void master_process::on_signal(int signal) {
  try {
    obey(signal);
  } catch (const std::bad_alloc&) {
    if (stopping_) throw; // the workers drain by themselves once the master has ended
    log::error("", "no memory was left to do what SIG{} asks for: the master goes on as before",
               ::sigabbrev_np(signal));
    reap_again_ |= signal == SIGCHLD;
  }
}

void master_process::obey(int signal) {
  switch (signal) {
  case SIGCHLD: return reap();
  case SIGHUP: return reload();
  case SIGUSR1:
    if (tell_.reopen_logs) tell_.reopen_logs();
    return;
  case SIGUSR2:
    if (tell_.upgrade) tell_.upgrade();
    return;
  default: return stop();
  }
}

// A child is reaped when all that its end asks for is done: if that fails for want of memory, it is found again.
void master_process::reap() {
  reap_again_ = false;
  siginfo_t ended{};
  while (::waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid > 0) {
    const pid_t pid = ended.si_pid;
    const int status = ended.si_code == CLD_EXITED ? W_EXITCODE(ended.si_status, 0) : W_EXITCODE(0, ended.si_status);
    worker_process* dead = nullptr;
    const auto look = [&](const generation& g) {
      for (const auto& w : g.workers())
        if (w->pid() == pid) dead = w.get();
    };
    for (const auto& g : generations_) look(*g);
    if (next_) look(*next_);
    if (dead)
      on_death(*dead, status);
    else if (tell_.other_child)
      tell_.other_child(pid, status); // as process 1 also somebody else's
    ::waitpid(pid, nullptr, WNOHANG); // cannot fail: it was just seen, and nobody else reaps
    ended.si_pid = 0;                 // as it stays where nobody has ended
  }
  after_death();
}

void master_process::stop() {
  if (std::exchange(stopping_, true)) {
    log::warning("", "asked again to end: all workers are killed");
    for (const auto& g : generations_)
      for (const auto& w : g->workers()) w->kill(SIGKILL);
    return;
  }
  if (tell_.stopping) tell_.stopping();
  reload_waits_ = handing_over_ = false;
  restarts_.clear();
  if (next_) abandon("the program ends");
  for (const auto& g : generations_) {
    g->drain({});
    g->release_sockets();
  }
  after_death();
}

// ---- generations

std::unique_ptr<generation> master_process::make_generation(plan what, plugin_store plugins) {
  for (const std::string& w : what.warnings) log::warning("", "{}", w);
  auto sockets = sockets_.bind(what);
  for (auto& instance : what.instances) {
    instance.channels = plugins.try_start(instance);
    make_channel_files(instance);
  }
  return std::make_unique<generation>(generation_count_ + 1, std::move(what), std::move(plugins), std::move(sockets),
                                      rights_);
}

void master_process::begin_generation() {
  ++generation_count_;
  for (std::size_t i = 0; i < next_->what().instances.size(); ++i)
    for (std::size_t slot = 0; slot < next_->what().instances[i].settings.workers; ++slot)
      next_->start(loop_, board_, channels_, i, slot,
                   [this](worker_process& w, const message& m) { on_message(w, m); });
  ready_timer_.expires_after(settings_.ready_timeout);
  ready_timer_.async_wait([this](boost::system::error_code ec) {
    if (!ec && next_) abandon(fmt::format("its workers were not ready in time"));
  });
}

bool master_process::may_reload() const {
  return !next_ && !stopping_ && generations_.size() <= settings_.generations_max;
}

void master_process::reload() {
  if (stopping_) return;
  if (!may_reload()) {
    if (!std::exchange(reload_waits_, true))
      log::info("", "the reload waits: {}", next_ ? "another one is under way" : "old generations still drain");
    return;
  }
  if (tell_.reloading) tell_.reloading();
  try {
    plugin_store plugins;
    plan what = make_plan_(plugins);
    next_ = make_generation(std::move(what), std::move(plugins));
    begin_generation();
  } catch (const std::exception& e) {
    if (next_) return abandon(e.what());
    log::error("", "the reload failed, generation {} goes on: {}", current_->number(), e.what());
    if (tell_.unchanged) tell_.unchanged(*current_);
  }
}

void master_process::on_message(worker_process& w, const message& m) {
  try {
    hear(w, m);
  } catch (const std::bad_alloc&) {
    if (stopping_) throw;
    if (next_) return abandon("no memory was left for it");
    tell_again_ = true;
  }
}

void master_process::hear(worker_process& w, const message& m) {
  switch (m.kind) {
  case message::kind::ready: return on_ready(w);
  case message::kind::refused:
    if (next_ && w.who().generation == next_->number())
      abandon(m.text, true);
    else
      log::error("", "{}", m.text);
    return;
  case message::kind::released: w.released = true; return look_whether_handed_over();
  default: return;
  }
}

void master_process::on_ready(worker_process& w) {
  w.serving();
  if (next_ && w.who().generation == next_->number()) {
    if (next_->all_ready()) switch_over();
  } else if (current_ && w.who().generation == current_->number()) {
    assign_slots(w.who().instance);
  }
}

// Where there is no memory for it, all are told later.
void master_process::assign_slots(std::size_t instance) {
  try {
    current_->assign_slots(instance);
  } catch (const std::bad_alloc&) {
    tell_again_ = true;
  }
}

// The new workers get the sockets, then the old ones let go of them: no queue is ever without a reader.
void master_process::switch_over() {
  ready_timer_.cancel();
  try {
    socket_table::listen(next_->what(), next_->listening());
  } catch (const std::exception& e) {
    return abandon(e.what());
  }
  generation* const old = current_;
  generations_.push_back(std::move(next_));
  current_ = generations_.back().get();
  restarts_.clear();
  if (old) ++reload_count_;
  tell_workers();
  if (std::exchange(reload_waits_, false)) reload();
}

// May be done again, where it stopped half-way for want of memory.
void master_process::tell_workers() {
  tell_again_ = false;
  for (std::size_t i = 0; i < current_->what().instances.size(); ++i) current_->assign_slots(i);
  for (const auto& g : generations_) {
    if (g.get() == current_) continue;
    g->drain(current_->listening());
    g->release_sockets();
  }
  hand_over();
}

void master_process::tell_workers_again() {
  try {
    tell_workers();
  } catch (const std::bad_alloc&) {
    tell_again_ = true;
  }
}

// Until an old worker has read that it drains, it accepts and answers as the old generation. So whoever waits for
// "serving" hears it when all have let go; one that does not turn its loop is not waited for.
void master_process::hand_over() {
  handing_over_ = true;
  hand_over_timer_.expires_after(hand_over_max);
  hand_over_timer_.async_wait([this](boost::system::error_code ec) {
    if (!ec) end_hand_over();
  });
  look_whether_handed_over();
}

void master_process::look_whether_handed_over() {
  for (const auto& g : generations_)
    for (const auto& w : g->workers())
      if (g.get() != current_ && !w->released) return;
  end_hand_over();
}

void master_process::end_hand_over() {
  if (!std::exchange(handing_over_, false)) return;
  hand_over_timer_.cancel();
  if (tell_.serving) tell_.serving(*current_);
}

void master_process::abandon(const std::string& why, bool refused) {
  ready_timer_.cancel();
  for (const auto& w : next_->workers()) w->kill(SIGKILL);
  generations_.push_front(std::move(next_)); // until its workers are reaped
  generations_.front()->drain({});
  if (!current_) {
    if (!stopping_)
      failure_ =
          refused ? std::make_exception_ptr(plugin_refused(why)) : std::make_exception_ptr(std::runtime_error(why));
    return loop_.stop();
  }
  if (!current_->can_start() && tell_.start_failed) tell_.start_failed(why);
  log::error("", "the reload failed, generation {} goes on: {}", current_->number(), why);
  if (tell_.unchanged && !stopping_) tell_.unchanged(*current_);
}

// ---- the end of workers

generation* master_process::generation_of(const worker_process& w) {
  if (next_ && next_->number() == w.who().generation) return next_.get();
  for (const auto& g : generations_)
    if (g->number() == w.who().generation) return g.get();
  return nullptr;
}

void master_process::on_death(worker_process& w, int status) {
  generation& g = *generation_of(w);
  const auto who = w.who();
  const bool expected = w.phase() == worker_process::phase::draining && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  const bool starting = &g == next_.get();
  const std::int64_t started_ns = w.started_ns();
  std::string what_now;
  if (&g == current_ && !stopping_) {
    const auto delay = restarts_.schedule({who.instance, who.slot}, started_ns);
    what_now = delay.count() == 0 ? "It is replaced at once" : fmt::format("It is replaced in {} ms", delay.count());
    ++restart_count_;
  }
  if (!expected &&
      !(w.phase() == worker_process::phase::draining && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL))
    say_death(w, status, what_now);
  keep_totals(g, w);
  board_.give(w.page());
  g.workers().remove_if([&](const auto& other) { return other.get() == &w; });
  if (&g == current_ && !stopping_) assign_slots(who.instance); // the others serve its slots meanwhile
  if (starting) abandon(fmt::format("a worker {} before it was ready", describe_end(status)));
}

// What needs memory comes first: where there is none it is all done again, and nothing may be counted twice.
void master_process::keep_totals(const generation& g, const worker_process& w) {
  const planned_instance& p = g.what().instances[w.who().instance];
  metric_totals metrics = ended_metrics(p.settings.name);
  metrics.add_ended(w.page().metrics);
  metric_totals& kept_metrics = ended_metrics_[p.settings.name];
  totals& kept = ended_[p.settings.name];
  std::vector<channel_totals*> kept_channels;
  for (const std::string& path : p.channels) kept_channels.push_back(&ended_channels_[{p.settings.name, path}]);

  kept_metrics = std::move(metrics);
  kept.add(w.page());
  for (std::size_t i = 0; i < kept_channels.size(); ++i) kept_channels[i]->add(w.page().channels[i]);
}

void master_process::say_death(const worker_process& w, int status, const std::string& what_now) {
  const auto record = w.report();
  if (!record || !(record->flags & crash_record::is_crash)) return say(w, describe_end(status), what_now);
  say(w, fmt::format("(build-id {}) died of {}", build_id_of_plugin(*record), describe_signal(*record)), what_now);
  say_stack(w, *record);
}

void master_process::say_stack(const worker_process& w, const crash_record& record) {
  const generation& g = *generation_of(w);
  const worker_settings& s = g.what().instances[w.who().instance].settings;
  const sealed_file* const plugin = g.plugin_of(w);
  stacks_.begin(s.name, record,
                {.plugin_name = s.plugin_file.substr(s.plugin_file.rfind('/') + 1),
                 .plugin_fd = plugin ? plugin->fd() : -1,
                 .before_files = [rights = rights_] { drop_privileges(rights); }});
}

void master_process::say(const worker_process& w, const std::string& how, const std::string& what_now) {
  const planned_instance& p = generation_of(w)->what().instances[w.who().instance];
  const hook in = w.page().in_hook.load(std::memory_order_relaxed);
  const std::uint64_t conn = w.page().conn.load(std::memory_order_relaxed);
  std::string where = "outside the plugin's hooks";
  if (in != hook::none) where = fmt::format("in the hook '{}'", to_string(in));
  if (in != hook::none && conn) where += fmt::format(" of connection {:#x}", conn);
  log::error(p.settings.name, "worker {} (process {}, generation {}) of plugin {} {} ({}) {}, {}. {}", w.who().slot,
             w.pid(), w.who().generation, p.plugin.name, p.plugin.version, p.settings.plugin_file, how, where,
             what_now);
}

totals master_process::ended(const std::string& instance) const {
  const auto at = ended_.find(instance);
  return at == ended_.end() ? totals() : at->second;
}

channel_totals master_process::ended(const std::string& instance, const std::string& channel) const {
  const auto at = ended_channels_.find({instance, channel});
  return at == ended_channels_.end() ? channel_totals() : at->second;
}

metric_totals master_process::ended_metrics(const std::string& instance) const {
  const auto at = ended_metrics_.find(instance);
  return at == ended_metrics_.end() ? metric_totals() : at->second;
}

void master_process::restart(std::size_t instance, std::size_t slot) {
  if (!current_ || stopping_ || !current_->can_start()) return;
  try {
    current_->start(loop_, board_, channels_, instance, slot,
                    [this](worker_process& w, const message& m) { on_message(w, m); });
  } catch (const std::exception& e) {
    log::error(current_->what().instances[instance].settings.name, "cannot start worker {}: {}", slot, e.what());
    restarts_.schedule({instance, slot}, net::monotonic_ns());
  }
}

void master_process::after_death() {
  forget_ended_generations();
  if (stopping_ && generations_.empty()) return loop_.stop();
  if (handing_over_) look_whether_handed_over();
  if (reload_waits_ && may_reload()) {
    reload_waits_ = false;
    reload();
  }
}

void master_process::forget_ended_generations() {
  std::erase_if(generations_, [&](const auto& g) {
    if (!g->workers().empty() || (g.get() == current_ && !stopping_)) return false;
    if (g.get() == current_)
      current_ = nullptr;
    else if (!stopping_)
      log::info("", "generation {} has drained", g->number());
    return true;
  });
}

// ---- stalls

void master_process::watch_stalls() {
  std::chrono::nanoseconds period = std::chrono::milliseconds(50);
  stall_timer_.expires_after(period);
  stall_timer_.async_wait([this](boost::system::error_code ec) {
    if (ec) return;
    const std::int64_t now = net::monotonic_ns();
    for (const auto& g : generations_)
      for (const auto& w : g->workers()) look_at(*w, now);
    if (reap_again_) on_signal(SIGCHLD);
    if (tell_again_ && current_ && !stopping_) tell_workers_again();
    watch_stalls();
  });
}

void master_process::look_at(worker_process& w, std::int64_t now_ns) {
  w.say_rest();
  generation& g = *generation_of(w);
  const worker_settings& s = g.what().instances[w.who().instance].settings;
  const std::int64_t since = w.page().loop.busy_since_ns.load(std::memory_order_relaxed);
  const bool stalled = since != 0 && s.stall_warn.count() > 0 && now_ns - since > s.stall_warn.count();
  if (stalled && w.stall_said_for_ns != since) {
    w.stall_said_for_ns = since;
    ++stall_count_;
    say(w, fmt::format("has not turned its loop for {} ms", (now_ns - since) / 1'000'000), "Others serve its slots");
    ask_where(w.pid());
  }
  if (stalled)
    if (const auto record = w.report()) say_stack(w, *record); // the answer to an earlier look
  if (stalled && s.stall_kill.count() > 0 && now_ns - since > s.stall_kill.count() && !std::exchange(w.killed, true)) {
    say(w, "has not turned its loop for --stall-kill", "It is killed");
    w.kill(SIGKILL);
  }
  if (w.overdue(now_ns)) w.kill(SIGKILL);
  if (std::exchange(w.stalled, stalled) != stalled && &g == current_) assign_slots(w.who().instance);
}

} // namespace epollhost::master
