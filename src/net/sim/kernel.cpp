// Distributed under the Boost Software License, Version 1.0.
// A kernel in memory: descriptors, time, and what the functions of src/net find behind them.
#include "net/sim/kernel.hpp"

#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

namespace epollhost::net::sim {
namespace {

constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t call_ns = 300, look_ns = 20;
constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::int64_t at_once_ns = 100'000; // turns that are closer to each other than that could be a spin

kernel* the_current = nullptr;

int shown(int fd) { return fd - kernel::first_descriptor; }

} // namespace

struct kernel::signal_file final : file {
  std::deque<int> pending;
  std::uint32_t poll() override { return pending.empty() ? 0 : std::uint32_t(EPOLLIN); }
  void released(bool) override {}
};

kernel::kernel(const options& o)
    : options_(o), chosen_(o.choices), faults_(o.seed, o.faults, &chosen_), chance_(o.seed, 3, &chosen_),
      trace_(o.line), signals_(std::make_shared<signal_file>()) {
  the_current = this;
}

kernel::~kernel() {
  agenda_ = {};
  files_.clear();
  the_current = nullptr;
}

kernel& kernel::current() {
  if (!the_current) throw std::logic_error("a simulated call without a simulated kernel");
  return *the_current;
}

// A destructor may be among the callers: then there is only the handler.
void kernel::broken(const std::string& what) {
  trace_.note(now_ns_, what, 0, 0);
  if (when_broken) return when_broken(what);
  if (std::uncaught_exceptions() == 0) throw broken_rule(what);
}

// ---- time

void kernel::spend() { now_ns_ += next_turn ? 0 : call_ns; }
std::int64_t kernel::look_at_clock() { return now_ns_ += next_turn ? 0 : look_ns; }

void kernel::at(std::int64_t when_ns, std::function<void()> f) {
  agenda_.push({std::max(when_ns, now_ns_), ++events_made_, std::move(f)});
}

void kernel::run_due() {
  while (!agenda_.empty() && agenda_.top().when_ns <= now_ns_) {
    const auto f = std::move(const_cast<event&>(agenda_.top()).f); // it is popped before anybody looks at it again
    agenda_.pop();
    f();
  }
}

// ---- descriptors

int kernel::install(std::shared_ptr<file> f) {
  if (files_.size() >= options_.descriptors_max) return -EMFILE;
  int fd = first_descriptor; // the lowest free number, as in a real kernel: an event for an old one finds a new owner
  for (const auto& [taken, of] : files_) {
    if (taken != fd) break;
    ++fd;
  }
  files_.emplace(fd, std::move(f));
  return fd;
}

file* kernel::find(int fd) {
  const auto at = files_.find(fd);
  return at == files_.end() ? nullptr : at->second.get();
}

// A duplicate of the descriptor would keep the events of a socket coming, if it had not been taken out of epoll.
void kernel::close(int fd, bool reset) {
  spend();
  const auto at = files_.find(fd);
  if (at == files_.end()) return broken(fmt::format("close of descriptor {}, which is not open", shown(fd)));
  const std::shared_ptr<file> f = std::move(at->second);
  files_.erase(at);
  const bool is_socket = dynamic_cast<stream*>(f.get()) || dynamic_cast<acceptor*>(f.get());
  if (is_socket && !f->items.empty())
    broken(fmt::format("close of descriptor {}, which is still in an epoll set", shown(fd)));
  while (!f->items.empty()) f->items.back()->set.remove(fd);
  f->released(reset);
  note_progress();
  answered(reset ? "abort" : "close", fd, 0);
}

// ---- waiting

void kernel::strike_before_wait() {
  random_source& choices = faults_.choices();
  if (faults_.strikes(fault::clock_jump)) now_ns_ += static_cast<std::int64_t>(choices.between(1, 120)) * second_ns;
  if (faults_.strikes(fault::wall_jump))
    wall_offset_ns_ += (static_cast<std::int64_t>(choices.below(7200)) - 3600) * second_ns;
  if (streams_.empty() || !faults_.strikes(fault::error_queue)) return;
  streams_[choices.below(streams_.size())]->report_error_queue();
}

// Made-up events come only now and then: a loop that looks without blocking would be kept looking by them for ever.
int kernel::harvest(poll_set& set, std::span<epoll_event> events) {
  const std::uint64_t before = faults_.injected();
  const int n = set.harvest(events, faults_, now_ns_ >= quiet_until_ns_);
  if (faults_.injected() != before) quiet_until_ns_ = now_ns_ + at_once_ns;
  return n;
}

// What nobody has recorded, such as the loop's own wake-up, comes behind it.
int kernel::tell(const turn& what, poll_set& set, std::span<epoll_event> events) {
  now_ns_ = what.now_ns;
  std::size_t n = 0;
  for (const auto& [of, bits] : what.events) {
    const auto at = std::find_if(of->items.begin(), of->items.end(), [&](poll_item* i) { return &i->set == &set; });
    if (at != of->items.end() && n < events.size()) {
      events[n].events = bits;
      events[n++].data.u64 = (*at)->data;
    }
  }
  return static_cast<int>(n) + set.harvest(events.subspan(n), faults_, false);
}

int kernel::wait(int set, std::span<epoll_event> events, std::int64_t timeout_ns) {
  spend();
  auto* const p = find_as<poll_set>(set);
  if (!p) return broken(fmt::format("epoll_wait of descriptor {}, which is no epoll set", shown(set))), 0;
  if (turn t; next_turn && next_turn(t)) return tell(t, *p, events);
  strike_before_wait();
  if (timeout_ns != 0 && faults_.strikes(fault::interrupted_wait)) return 0;
  const std::int64_t deadline = timeout_ns < 0 || timeout_ns > never - now_ns_ ? never : now_ns_ + timeout_ns;
  const std::int64_t start = now_ns_;
  int n = 0;
  for (;;) {
    run_due();
    if ((n = harvest(*p, events)) > 0 || now_ns_ >= deadline) break;
    const std::int64_t next = std::min(deadline, agenda_.empty() ? never : agenda_.top().when_ns);
    if (next != never)
      now_ns_ = std::max(now_ns_, next);
    else if (!when_idle || !when_idle())
      throw broken_rule("the loop waits for ever, and nothing is left to happen");
  }
  if (n == 0 && timeout_ns > 0 && faults_.strikes(fault::late_wait))
    now_ns_ += static_cast<std::int64_t>(faults_.choices().between(1, 20'000'000));
  check_progress(now_ns_ - start);
  for (const epoll_event& e : events.first(static_cast<std::size_t>(n)))
    trace_.note(now_ns_, "event", static_cast<std::int64_t>(e.data.u64 & 0xffffff), e.events & 0xffff);
  return n;
}

void kernel::check_progress(std::int64_t waited_ns) {
  const bool progress = std::exchange(progress_seen_, progress_) != progress_ || waited_ns >= at_once_ns;
  const bool ours = std::exchange(injected_seen_, faults_.injected()) != faults_.injected(); // an event we made up
  if (progress)
    idle_turns_ = 0;
  else if (!ours)
    ++idle_turns_;
  if (idle_turns_ < options_.turns_without_progress_max) return;
  idle_turns_ = 0;
  throw broken_rule(
      fmt::format("the loop spins: {} turns without a byte moved or a connection made or ended, and without a wait",
                  options_.turns_without_progress_max));
}

int kernel::control(std::string_view call, int set, int fd, std::uint32_t mask, std::uint64_t data) {
  spend();
  auto* const p = find_as<poll_set>(set);
  file* const f = find(fd);
  int error = 0;
  if (!p || !f)
    error = EBADF;
  else if (call == "epoll_add" && faults_.strikes(fault::watch_no_memory))
    error = ENOMEM;
  else if (call == "epoll_add" && faults_.strikes(fault::watch_no_space))
    error = ENOSPC;
  else if (call == "epoll_add")
    error = p->add(fd, *f, mask, data);
  else
    error = call == "epoll_mod" ? p->modify(fd, mask, data) : p->remove(fd);
  answered(call, fd, -error);
  if (error == EBADF || error == EEXIST || error == ENOENT)
    broken(fmt::format("{} of descriptor {}: error {}", call, shown(fd), error));
  return error;
}

// ---- calls on sockets

stream* kernel::connected(int fd, std::string_view call) {
  spend();
  auto* const s = find_as<stream>(fd);
  if (!s) return broken(fmt::format("{} of descriptor {}, which is no connected socket", call, shown(fd))), nullptr;
  if (faults_.strikes(fault::peer_reset)) s->cut();
  return s;
}

std::int64_t kernel::answered(std::string_view call, int fd, std::int64_t answer) {
  trace_.note(now_ns_, call, shown(fd), answer);
  return answer;
}

int kernel::accept_error() {
  if (faults_.strikes(fault::no_descriptor)) return EMFILE;
  if (faults_.strikes(fault::table_full)) return ENFILE;
  if (faults_.strikes(fault::no_buffers)) return ENOBUFS;
  if (faults_.strikes(fault::no_memory)) return ENOMEM;
  if (faults_.strikes(fault::accept_aborted)) return faults_.choices().below(2) ? ECONNABORTED : EPROTO;
  return 0;
}

std::int64_t kernel::accept(int fd) {
  spend();
  auto* const a = find_as<acceptor>(fd);
  if (!a) return broken(fmt::format("accept of descriptor {}, which does not listen", shown(fd))), -EBADF;
  if (const int error = accept_error()) return answered("accept", fd, -error);
  if (files_.size() >= options_.descriptors_max) return answered("accept", fd, -EMFILE);
  stream* const s = a->pop();
  if (!s) return answered("accept", fd, -EAGAIN);
  note_progress();
  const int accepted = install(std::shared_ptr<file>(std::shared_ptr<file>(), s));
  return answered("accept", fd, shown(accepted)), accepted;
}

// ---- the net

namespace {

// Only what the kernel fills: a sockaddr of the internet has its port at one place in both families.
in_port_t& port_of(endpoint& e) { return reinterpret_cast<sockaddr_in&>(e.storage).sin_port; }

bool same(const endpoint& a, const endpoint& b) {
  return a.size == b.size &&
         std::equal(reinterpret_cast<const char*>(&a.storage), reinterpret_cast<const char*>(&a.storage) + a.size,
                    reinterpret_cast<const char*>(&b.storage));
}

} // namespace

endpoint kernel::any_port(endpoint at) {
  if (!at.is_unix() && port_of(at) == 0) port_of(at) = htons(next_port_++);
  return at;
}

acceptor* kernel::bound(const endpoint& at) {
  for (acceptor* a : acceptors_)
    if (same(a->bound, at)) return a;
  return nullptr;
}

void kernel::connect(const endpoint& to, const link& over, std::function<void(stream*)> done) {
  const path& way = over.from_peer;
  const auto travel = way.most_ns == 0 ? 0 : chance_.between(std::uint64_t(way.least_ns), std::uint64_t(way.most_ns));
  if (travel == 0) return arrive(to, over, std::move(done));
  at(now_ns_ + static_cast<std::int64_t>(travel), [=, this] { arrive(to, over, done); });
}

// One of those that are bound there and have room.
acceptor* kernel::choose(const endpoint& to, bool& any) {
  std::vector<acceptor*> fit;
  any = false;
  for (acceptor* a : acceptors_) {
    if (!same(a->bound, to) || !a->listens()) continue;
    any = true;
    if (a->takes()) fit.push_back(a);
  }
  return fit.empty() ? nullptr : fit[chance_.below(fit.size())];
}

void kernel::arrive(const endpoint& to, const link& over, std::function<void(stream*)> done) {
  bool any = false;
  acceptor* const a = choose(to, any);
  if (a)
    done(&connect_to(*a, over));
  else if (any)
    at(now_ns_ + second_ns, [=, this] { arrive(to, over, done); });
  else
    done(nullptr);
}

// What the kernel gives to a socket that was not bound.
endpoint kernel::peer_of(const endpoint& listening) {
  endpoint out = listening;
  if (listening.is_unix())
    out.size = sizeof(sa_family_t); // it has no name
  else
    port_of(out) = htons(static_cast<std::uint16_t>(50000 + peers_made_++ % 15000));
  return out;
}

stream& kernel::add_stream(bool is_unix, const path& way, const endpoint& local, const endpoint& remote) {
  streams_.push_back(std::make_unique<stream>(*this, is_unix, way, local, remote));
  return *streams_.back();
}

stream& kernel::connect_to(acceptor& a, const link& over) {
  const endpoint peer = peer_of(a.bound);
  const bool is_unix = a.bound.is_unix();
  stream& ours = add_stream(is_unix, over.to_peer, a.bound, peer);
  stream& theirs = add_stream(is_unix, over.from_peer, peer, a.bound);
  stream::connect(ours, theirs);
  trace_.note(now_ns_, "connected", static_cast<std::int64_t>(streams_.size() / 2), 0);
  a.push(ours);
  return theirs;
}

// ---- signals

std::shared_ptr<file> kernel::signals() { return signals_; }

void kernel::raise(int signal) {
  trace_.note(now_ns_, "signal", signal, 0);
  signals_->pending.push_back(signal);
  signals_->wake(EPOLLIN);
}

int kernel::take_signal() {
  spend();
  if (signals_->pending.empty()) return 0;
  const int signal = signals_->pending.front();
  signals_->pending.pop_front();
  return signal;
}

} // namespace epollhost::net::sim
