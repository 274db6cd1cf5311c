// Distributed under the Boost Software License, Version 1.0.
// The master process: starts, watches, replaces and ends the workers.
#include "master/master.hpp"

#include "base/log.hpp"
#include "master/channel_files.hpp"
#include "master/way_back.hpp"
#include "net/clock.hpp"
#include "worker/plugin_refused.hpp"

#include <fmt/format.h>

#include <signal.h>
#include <string.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <new>
#include <stdexcept>

namespace epollhost::master {
namespace {

constexpr std::chrono::seconds hand_over_max{1};           // for old workers to let go of the sockets
constexpr std::int64_t same_request_ns = 500'000'000;      // between two signals of one request to end
constexpr std::chrono::milliseconds group_answers_max{50}; // for a worker to say that it has the signal, too

// Whether the signal waits to be read by the process. Source: proc(5), ShdPnd.
bool is_pending(int signal, pid_t pid) {
  std::ifstream in(fmt::format("/proc/{}/status", pid));
  for (std::string word; in >> word;)
    if (std::uint64_t set = 0; word == "ShdPnd:") return (in >> std::hex >> set) && (set >> (signal - 1) & 1) != 0;
  return false;
}

} // namespace

master_process::master_process(const master_settings& settings, planner make_plan, listeners_to tell,
                               passed_sockets passed)
    : settings_(settings), make_plan_(std::move(make_plan)), tell_(std::move(tell)),
      signals_(loop_, {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, SIGCHLD}), ready_timer_(loop_),
      hand_over_timer_(loop_), stall_timer_(loop_), reload_timer_(loop_), channels_(loop_),
      rights_(find_identity(settings_.user, settings_.group)),
      sockets_(std::move(passed)),
      restarts_(loop_, [this](restarts::place where) { restart(where.first, where.second); }), stacks_(loop_) {}

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
  case SIGHUP: repeat_after_going_back(SIGHUP); return reload();
  case SIGUSR1:
    if (tell_.reopen_logs) tell_.reopen_logs();
    return;
  case SIGUSR2: repeat_after_going_back(SIGUSR2); return upgrade();
  default: return stop();
  }
}

void master_process::upgrade() {
  if (stopping_ || !tell_.upgrade) return;
  if (!next_ && !handing_over_) return tell_.upgrade();
  if (!std::exchange(upgrade_waits_, true)) log::info("", "the upgrade waits: a generation is starting");
}

void master_process::upgrade_if_asked() {
  if (!next_ && std::exchange(upgrade_waits_, false)) upgrade();
}

void master_process::stop() {
  if (std::exchange(stopping_, true)) return stop_again();
  stopping_since_ns_ = net::monotonic_ns();
  if (tell_.stopping) tell_.stopping();
  reload_waits_ = upgrade_waits_ = handing_over_ = false;
  restarts_.clear();
  const bool is_cut_short = next_ != nullptr;
  if (next_) abandon("the program ends");
  end_reload(is_cut_short ? "the program ends" : "");
  for (const auto& g : generations_) {
    g->drain({});
    g->drain_idle();
    g->release_sockets();
  }
  after_death();
}

// timeout(1) tells the process that it has started, then the whole process group: that is one request. The workers,
// which are in the group too, say that they were told, or have not read it yet.
void master_process::stop_again() {
  const bool soon = net::monotonic_ns() - stopping_since_ns_ < same_request_ns;
  if (!soon) return kill_all();
  if (std::exchange(asked_again_soon_, true)) return kill_all();
  if (group_was_asked()) return;
  hand_over_timer_.expires_after(group_answers_max);
  hand_over_timer_.async_wait([this](boost::system::error_code ec) {
    if (!ec && !group_was_asked()) kill_all();
  });
}

bool master_process::group_was_asked() const {
  if (group_was_asked_) return true;
  for (const auto& g : generations_)
    for (const auto& w : g->workers())
      if (is_pending(SIGTERM, w->pid())) return true;
  return false;
}

void master_process::kill_all() {
  log::warning("", "asked again to end: all workers are killed");
  for (const auto& g : generations_)
    for (const auto& w : g->workers()) w->kill(SIGKILL);
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
      next_->start(loop_, channels_, i, slot,
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
  if (tell_.reloading) tell_.reloading(); // now, though it may wait: a service manager waits for this
  if (may_reload()) return begin_reload();
  if (std::exchange(reload_waits_, true)) return;
  log::info("", "the reload waits: {}", next_ ? "another one is under way" : "old generations still drain");
  end_wait_in_time();
}

// While another reload is under way, --ready-timeout ends the wait.
void master_process::end_wait_in_time() {
  reload_timer_.expires_after(settings_.reload_timeout);
  reload_timer_.async_wait([this](boost::system::error_code ec) {
    if (ec || !reload_waits_) return;
    next_ ? end_wait_in_time() : fail_waiting_reload();
  });
}

void master_process::reload_if_asked() {
  if (!reload_waits_ || !may_reload()) return;
  reload_waits_ = false;
  reload_timer_.cancel();
  begin_reload();
}

void master_process::fail_waiting_reload() {
  reload_waits_ = false;
  log::error("",
             "the reload failed, generation {} goes on: it has waited for {} s, the --reload-timeout, and {} old "
             "generations still drain. Lower --drain-timeout, or raise --generations-max",
             current_->number(), std::chrono::duration<double>(settings_.reload_timeout).count(),
             generations_.size() - 1);
  tell_reload_begins();
  end_reload("it has waited for old generations to drain for longer than --reload-timeout");
  if (tell_.unchanged) tell_.unchanged(*current_);
}

void master_process::tell_reload_begins() {
  end_reload({}); // the one before it serves; the last of the old workers may not have let go
  reloading_ = true;
  if (tell_.reload_begins) tell_.reload_begins();
}

void master_process::begin_reload() {
  tell_reload_begins();
  try {
    plugin_store plugins;
    plan what = make_plan_(plugins);
    next_ = make_generation(std::move(what), std::move(plugins));
    begin_generation();
  } catch (const std::exception& e) {
    if (next_) return abandon(e.what());
    log::error("", "the reload failed, generation {} goes on: {}", current_->number(), e.what());
    end_reload(e.what());
    if (tell_.unchanged) tell_.unchanged(*current_);
  }
}

void master_process::end_reload(const std::string& error) {
  if (!std::exchange(reloading_, false)) return;
  reloads_.note(error);
  if (tell_.reload_ended) tell_.reload_ended(error);
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
      abandon(m.text, std::make_exception_ptr(plugin_refused(m.text)));
    else
      log::error("", "{}", m.text);
    return;
  case message::kind::released:
    w.released = true;
    let_go();
    return look_whether_handed_over();
  case message::kind::asked: return on_asked(w);
  default: return;
  }
}

// SIGTERM has come to a worker: to it alone, and the others take its slots; or to all of the process group, and this
// process has got it too, or gets it now.
void master_process::on_asked(worker_process& w) {
  group_was_asked_ |= stopping_;
  generation& g = *generation_of(w);
  if (stopping_ || &g != current_ || w.phase() == worker_process::phase::draining || end_is_pending()) return;
  g.drain(w, current_->listening());
  assign_slots(w.who().instance);
  if (g.can_start()) replace(w);
}

// Before it has ended: a worker without others leaves its queue to this one.
void master_process::replace(worker_process& w) {
  w.replaced = true;
  ++restart_count_;
  const auto delay = restarts_.schedule({w.who().instance, w.who().slot}, w.started_ns());
  log::info(current_->what().instances[w.who().instance].settings.name,
            "worker {} (process {}, generation {}) got SIGTERM and drains. It is replaced {}", w.who().slot, w.pid(),
            w.who().generation, delay.count() == 0 ? "at once" : fmt::format("in {} ms", delay.count()));
}

// signals_ reads them, so one that has come and was not read is pending.
bool master_process::end_is_pending() const {
  sigset_t pending;
  if (::sigpending(&pending) != 0) return false;
  return ::sigismember(&pending, SIGTERM) == 1 || ::sigismember(&pending, SIGINT) == 1 ||
         ::sigismember(&pending, SIGQUIT) == 1;
}

void master_process::on_ready(worker_process& w) {
  if (w.phase() != worker_process::phase::starting) return; // it has said so before
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
  } catch (const std::exception& e) { // another program may have bound it too, and listens by now
    return abandon(e.what(), std::current_exception());
  }
  generations_.push_back(std::move(next_));
  current_ = generations_.back().get();
  restarts_.clear();
  tell_workers();
  reload_if_asked();
}

// May be done again, where it stopped half-way for want of memory.
void master_process::tell_workers() {
  tell_again_ = false;
  for (std::size_t i = 0; i < current_->what().instances.size(); ++i) current_->assign_slots(i);
  for (const auto& g : generations_) {
    if (g.get() == current_) continue;
    g->drain(current_->listening());
  }
  let_go();
  hand_over();
}

void master_process::tell_workers_again() {
  try {
    tell_workers();
  } catch (const std::bad_alloc&) {
    tell_again_ = true;
  }
}

// Of what no worker of an old generation holds any more. What the next plan names again until then is taken back.
void master_process::let_go() {
  for (const auto& g : generations_)
    if (g.get() != current_ && g->has_released()) g->release_sockets();
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
  end_reload({});
  if (tell_.serving) tell_.serving(*current_);
  upgrade_if_asked();
}

// `failure` is what run() throws where nothing serves; without one, a runtime_error.
void master_process::abandon(const std::string& why, std::exception_ptr failure) {
  ready_timer_.cancel();
  for (const auto& w : next_->workers()) w->kill(SIGKILL);
  generations_.push_front(std::move(next_)); // until its workers are reaped
  // The addresses of the current one stay: only those that it lacks take no more.
  generations_.front()->drain(current_ ? current_->listening() : std::vector<worker::addresses>());
  if (!current_) {
    if (!stopping_) failure_ = failure ? failure : std::make_exception_ptr(std::runtime_error(why));
    return loop_.stop();
  }
  if (stopping_) return;
  if (!current_->can_start() && tell_.start_failed) tell_.start_failed(why);
  log::error("", "the reload failed, generation {} goes on: {}", current_->number(), why);
  end_reload(why);
  if (tell_.unchanged) tell_.unchanged(*current_);
  upgrade_if_asked();
}

} // namespace epollhost::master
