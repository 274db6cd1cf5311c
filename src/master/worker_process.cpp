// Distributed under the Boost Software License, Version 1.0.
// A worker as its master sees it.
#include "master/worker_process.hpp"

#include "base/log.hpp"
#include "epollhost/deadline.hpp"
#include "master/child.hpp"
#include "master/worker_main.hpp"
#include "net/clock.hpp"

#include <fcntl.h>
#include <signal.h>

#include <algorithm>
#include <unistd.h>
#include <utility>

namespace epollhost::master {
namespace {

constexpr std::int64_t grace_ns = 5'000'000'000; // beyond the drain timeout, which the worker keeps by itself
constexpr std::int64_t deaf_ns = 1'000'000'000;  // for a process to end that has closed its end of the channel

} // namespace

worker_process::worker_process(loop::io_context& loop, place who, const start_point& from, heard on_message)
    : loop_(loop), who_(who), on_message_(std::move(on_message)), drain_timeout_ns_(from.plan.settings.drain_timeout.count()), started_ns_(net::monotonic_ns()) {
  auto [ours, theirs] = channel::pair();
  int report[2];
  if (::pipe2(report, O_CLOEXEC | O_NONBLOCK) != 0) net::throw_last_error("pipe2 of a worker's report");
  report_.reset(report[0]);
  const net::unique_fd report_end(report[1]);
  std::vector<int> keep{theirs.fd(), report_end.get(), from.plugin.fd(), page_.fd()};
  for (const auto& address : from.listening)
    for (const auto& slot : address->slots()) keep.push_back(slot.get());
  for (const auto& channel : from.channels) keep.push_back(channel.get());
  if (from.record.fd) keep.push_back(from.record.fd.get());
  pid_ = fork_child(
      keep, [&, end = theirs.fd()] { return worker_main(from, channel(net::unique_fd(end)), report_end.get(), net::unique_fd(page_.fd())); });
  channel_ = std::move(ours);
  watch();
}

worker_process::worker_process(loop::io_context& loop, place who, const handover::worker& inherited,
                               std::chrono::nanoseconds drain_timeout, heard on_message)
    : loop_(loop), who_(who), page_(net::unique_fd(inherited.page)), on_message_(std::move(on_message)),
      channel_(net::unique_fd(inherited.channel)), report_(inherited.report), pid_(inherited.pid),
      phase_(inherited.draining ? phase::draining : phase::serving), drain_timeout_ns_(drain_timeout.count()),
      started_ns_(inherited.started_ns) {
  released = inherited.draining;
  if (inherited.ends_by_ns > 0) ends_by_ns_ = inherited.ends_by_ns;
  watch();
}

void worker_process::watch() {
  loop_.remember(*this);
  if (const auto ec = loop_.watch_level(*this, channel_.fd())) throw net::system_error(ec, "epoll_ctl of a worker");
}

worker_process::~worker_process() {
  loop_.unwatch(*this, channel_.fd());
  loop_.forget(*this);
}

void worker_process::on_event(std::uint32_t) {
  bool ended = false;
  while (const auto m = channel_.receive(ended)) {
    on_message_(*this, *m);
    if (ended) break;
  }
  if (!ended) return;
  loop_.unwatch(*this, channel_.fd()); // waitpid says the rest, unless a plugin has closed what is not its own
  ends_by_ns_ = std::min(ends_by_ns_, net::monotonic_ns() + deaf_ns);
}

void worker_process::hear_refusal() {
  bool ended = false;
  while (const auto m = channel_.receive(ended)) {
    if (m->kind == message::kind::refused) on_message_(*this, *m);
    if (ended) break;
  }
}

void worker_process::accept_from(const std::bitset<slots_max>& slots) {
  if (slots == accepting_) return;
  message m;
  m.kind = message::kind::accept;
  m.which = slots;
  say(m);
  accepting_ = slots; // only now: if there was no memory to say it, it is said again
}

void worker_process::drain(const std::bitset<slots_max>& leaving) {
  if (phase_ == phase::draining) return;
  if (drain_timeout_ns_ > 0) ends_by_ns_ = deadline_after(deadline_after(net::monotonic_ns(), drain_timeout_ns_), grace_ns);
  message m;
  m.kind = message::kind::drain;
  m.which = leaving;
  say(m);
  phase_ = phase::draining; // as above
}

// An older program's worker does not know this message, and ignores it.
void worker_process::drain_idle() {
  message m;
  m.kind = message::kind::idle;
  say(m);
}

// Where the kernel has no memory for it, it is said later: a worker that has not heard would not serve, or never end.
void worker_process::say(const message& m) {
  say_rest();
  if (!unsaid_.empty() || !channel_.send(m)) unsaid_.push_back(m);
}

void worker_process::say_rest() {
  while (!unsaid_.empty() && channel_.send(unsaid_.front())) unsaid_.pop_front();
}

std::int64_t worker_process::busy_since(std::int64_t now_ns) {
  const std::int64_t stamp = page_->loop.busy_since_ns.load(std::memory_order_relaxed);
  if (stamp == 0 || (stamp >= started_ns_ && stamp <= now_ns)) return stamp;
  if (std::exchange(strange_stamp_, stamp) != stamp) strange_since_ns_ = now_ns;
  return strange_since_ns_;
}

// A worker may have written anything, and as much as it likes: an answer counts if it was asked for.
void worker_process::read_reports() {
  constexpr int at_once_max = 32;
  for (int i = 0; i < at_once_max; ++i) {
    const auto record = read_report(report_.get());
    if (!record) return;
    auto& to = record->flags & crash_record::is_crash ? crash_ : answer_;
    if (!to && (&to == &crash_ || asked_)) to = std::make_unique<crash_record>(*record);
  }
}

void worker_process::ask_where() {
  read_reports();
  answer_.reset();
  asked_ = master::ask_where(pid_);
}

std::unique_ptr<crash_record> worker_process::take_answer() {
  if (answer_) asked_ = false;
  return std::move(answer_);
}

void worker_process::kill(int signal) const { ::kill(pid_, signal); }

} // namespace epollhost::master
