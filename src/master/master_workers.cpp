// Distributed under the Boost Software License, Version 1.0.
// The master process: what becomes of its workers.
#include "base/log.hpp"
#include "master/child.hpp"
#include "master/master.hpp"
#include "master/signal_name.hpp"
#include "net/clock.hpp"

#include <fmt/format.h>

#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

namespace epollhost::master {

// ---- the end of workers

// A child is reaped when all that its end asks for is done: if that fails for want of memory, it is found again.
void master_process::reap() {
  reap_again_ = false;
  look_for_stopped();
  siginfo_t ended{};
  while (::waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid > 0) {
    const pid_t pid = ended.si_pid;
    const int status = ended.si_code == CLD_EXITED ? W_EXITCODE(ended.si_status, 0) : W_EXITCODE(0, ended.si_status);
    worker_process* const dead = find_worker(pid);
    if (dead) {
      dead->hear_refusal();
      on_death(*dead, status);
    } else if (tell_.other_child) {
      tell_.other_child(pid, status); // as process 1 also somebody else's
    }
    ::waitpid(pid, nullptr, WNOHANG); // cannot fail: it was just seen, and nobody else reaps
    ended.si_pid = 0;                 // as it stays where nobody has ended
  }
  after_death();
}

worker_process* master_process::find_worker(pid_t pid) {
  worker_process* found = nullptr;
  const auto look = [&](const generation& g) {
    for (const auto& w : g.workers())
      if (w->pid() == pid) found = w.get();
  };
  for (const auto& g : generations_) look(*g);
  if (next_) look(*next_);
  return found;
}

// SIGCHLD says this too. A worker that sleeps and is stopped looks like any other that sleeps, so no watch over its loop
// sees it, and without waking it nobody else does.
void master_process::look_for_stopped() {
  siginfo_t changed{};
  while (::waitid(P_ALL, 0, &changed, WSTOPPED | WCONTINUED | WNOHANG) == 0 && changed.si_pid > 0) {
    worker_process* const w = find_worker(changed.si_pid);
    const bool stopped = changed.si_code != CLD_CONTINUED;
    const int signal = changed.si_status;
    changed.si_pid = 0; // as it stays where nothing has changed
    if (!w || std::exchange(w->stopped, stopped) == stopped) continue;
    generation& g = *generation_of(*w);
    const bool others = g.has_others(*w);
    if (stopped)
      say(*w, fmt::format("was stopped by {}", signal_name(signal)),
          others ? "Others serve its slots until it is continued" : "No other worker serves its slots");
    else
      log::info(g.what().instances[w->who().instance].settings.name, "worker {} (process {}) was continued",
                w->who().slot, w->pid());
    if (&g == current_ && !stopping_) assign_slots(w->who().instance);
  }
}

generation* master_process::generation_of(const worker_process& w) {
  if (next_ && next_->number() == w.who().generation) return next_.get();
  for (const auto& g : generations_)
    if (g->number() == w.who().generation) return g.get();
  return nullptr;
}

void master_process::on_death(worker_process& w, int status) {
  generation& g = *generation_of(w);
  const auto who = w.who();
  const bool good_end = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  // A worker that has just been forked may hear of the end before it is ready, by SIGTERM to the whole process group.
  const bool early_end = stopping_ && WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM;
  const bool expected = (w.phase() == worker_process::phase::draining && good_end) || early_end;
  const bool starting = &g == next_.get();
  const std::string why = starting ? fmt::format("a worker {} before it was ready", describe_end(status)) : "";
  const std::int64_t started_ns = w.started_ns();
  std::string what_now;
  if (&g == current_ && !stopping_ && !w.replaced) {
    const auto delay = restarts_.schedule({who.instance, who.slot}, started_ns);
    what_now = delay.count() == 0 ? "It is replaced at once" : fmt::format("It is replaced in {} ms", delay.count());
    ++restart_count_;
  }
  if (!expected &&
      !(w.phase() == worker_process::phase::draining && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL))
    say_death(w, status, what_now);
  if (expected && !what_now.empty())
    log::info(g.what().instances[who.instance].settings.name,
              "worker {} (process {}, generation {}) has drained, as SIGTERM asked of it. {}", who.slot, w.pid(),
              who.generation, what_now);
  ended_.add(g.what().instances[who.instance], w.page());
  g.workers().remove_if([&](const auto& other) { return other.get() == &w; });
  if (&g == current_ && !stopping_) assign_slots(who.instance); // the others serve its slots meanwhile
  if (starting) abandon(why);
}

void master_process::say_death(worker_process& w, int status, const std::string& what_now) {
  w.read_reports();
  const crash_record* const record = w.crash();
  if (!record) return say(w, describe_end(status), what_now);
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
                 .program_fd = g.program(),
                 .before_files = [rights = rights_] { drop_privileges(rights); }});
}

void master_process::say(const worker_process& w, const std::string& how, const std::string& what_now) {
  const planned_instance& p = generation_of(w)->what().instances[w.who().instance];
  hook in = w.page().in_hook.load(std::memory_order_relaxed);
  if (!is_hook(in)) in = hook::none; // the plugin has overwritten it
  const std::uint64_t conn = w.page().conn.load(std::memory_order_relaxed);
  std::string where = "outside the plugin's hooks";
  if (in != hook::none) where = fmt::format("in the hook '{}'", to_string(in));
  if (in != hook::none && conn) where += fmt::format(" of connection {:#x}", conn);
  log::error(p.settings.name, "worker {} (process {}, generation {}) of plugin {} {} ({}) {}, {}{}{}", w.who().slot,
             w.pid(), w.who().generation, p.plugin.name, p.plugin.version, p.settings.plugin_file, how, where,
             what_now.empty() ? "" : ". ", what_now);
}

void master_process::restart(std::size_t instance, std::size_t slot) {
  if (!current_ || stopping_ || !current_->can_start()) return;
  try {
    current_->start(loop_, channels_, instance, slot,
                    [this](worker_process& w, const message& m) { on_message(w, m); });
  } catch (const std::exception& e) {
    log::error(current_->what().instances[instance].settings.name, "cannot start worker {}: {}", slot, e.what());
    restarts_.schedule({instance, slot}, net::monotonic_ns());
  }
}

void master_process::after_death() {
  forget_ended_generations();
  if (stopping_ && generations_.empty()) return loop_.stop();
  if (!stopping_) let_go();
  if (handing_over_) look_whether_handed_over();
  reload_if_asked();
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
  const std::int64_t since = w.busy_since(now_ns);
  const auto longer_than = [&](std::chrono::nanoseconds bound) {
    return since != 0 && bound.count() > 0 && now_ns - since > bound.count();
  };
  const bool to_kill = longer_than(s.stall_kill), stalled = longer_than(s.stall_warn) || to_kill;
  if (longer_than(s.stall_warn) && w.stall_said_for_ns != since) {
    w.stall_said_for_ns = since;
    ++stall_count_;
    say(w, fmt::format("has not turned its loop for {} ms", (now_ns - since) / 1'000'000),
        g.has_others(w) ? "Others serve its slots" : "");
    w.ask_where();
  }
  w.read_reports();
  if (const auto answer = w.take_answer()) say_stack(w, *answer); // also of a stall that is over by now
  if (to_kill && !std::exchange(w.killed, true)) {
    say(w, "has not turned its loop for --stall-kill", "It is killed");
    w.kill(SIGKILL);
  }
  if (w.overdue(now_ns)) w.kill(SIGKILL);
  if (std::exchange(w.stalled, stalled) != stalled && &g == current_) assign_slots(w.who().instance);
}

} // namespace epollhost::master
