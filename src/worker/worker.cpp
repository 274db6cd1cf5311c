// Distributed under the Boost Software License, Version 1.0.
// One plugin on one loop in one thread.
#include "worker/worker.hpp"

#include "base/log_line.hpp"
#include "worker/copied_process.hpp"
#include "worker/plugin_refused.hpp"

#include <fmt/format.h>

#include <signal.h>
#include <string.h>

namespace epollhost {
namespace {

constexpr std::chrono::seconds answer_max{2}; // for the master to say drain
constexpr std::chrono::milliseconds look_again{10};
constexpr std::int64_t handshake_max_ns = 3'000'000'000; // a lost SYN-ACK is sent again after 1 s
constexpr std::int64_t held_back_max_ns = 300'000'000;   // longer than Linux holds an acknowledgement back

worker::addresses bind_all(const worker_settings& settings) {
  worker::addresses out;
  for (const auto& a : settings.listen) out.push_back(std::make_shared<listening_address>(a, settings));
  return out;
}

std::vector<eh_value> to_table(const std::vector<option_value>& values) {
  std::vector<eh_value> out;
  for (const auto& v : values) out.push_back({v.integer, v.real, v.text.c_str(), v.text.size()});
  return out;
}

} // namespace

worker::worker(const worker_settings& settings, const plugin_library& library)
    : worker(settings, library, std::make_unique<worker_page>(), nullptr, {}, {}, {}) {
  addresses_ = bind_all(settings_);
  for (auto& a : addresses_) a->listen(settings_);
  make_listeners();
  accept_from([](bool, std::size_t) { return true; });
}

worker::worker(const worker_settings& settings, const plugin_library& library, addresses listening, worker_page& page,
               channel_opener open_channel, record_file record)
    : worker(settings, library, nullptr, &page, std::move(listening), std::move(open_channel), std::move(record)) {
  make_listeners();
}

worker::worker(const worker_settings& settings, const plugin_library& library, std::unique_ptr<worker_page> own,
               worker_page* page, addresses listening, channel_opener open_channel, record_file record)
    : settings_(settings), library_(library), own_page_(std::move(own)), page_(page ? *page : *own_page_),
      addresses_(std::move(listening)),
      loop_({.trigger = settings_.trigger, .spin = settings_.spin, .events_a_turn = 512, .counters = &page_.loop}),
      // A blocked signal comes though it is ignored: under a master, those of the terminal must not be in the set.
      signals_(page ? loop::signal_set(loop_, {SIGTERM})
                    : loop::signal_set(loop_, {SIGTERM, SIGINT, SIGQUIT, SIGUSR1})),
      drain_timer_(loop_), leave_timer_(loop_), idle_timer_(loop_), shared_(loop_, settings_, page_), host_(*this),
      records_(connection::record_bytes(library_.hooks()), connection::record_alignment(library_.hooks())),
      timers_(loop_,
              [this](loop::object_id conn, std::uint64_t arg) {
                if (conn == 0)
                  tick(arg);
                else if (connection* const c = find(conn))
                  c->call(hook::timer, arg);
              }),
      channels_(loop_, settings_.name, page_.channels, std::move(open_channel)),
      metrics_(settings_.name, page_.metrics), outgoing_(shared_), values_(to_table(settings_.values)) {
  shared_.io.size = sizeof(eh_io);
  shared_.worker = this;
  shared_.on_freed = [](void* self, loop::object_id gone) { static_cast<worker*>(self)->on_freed(gone); };
  start_recording(std::move(record));
  start_instance();
}

worker::~worker() {
  try {
    end();
  } catch (const std::exception& e) { // no memory: the process ends, and the plugin is not told
    log::error(settings_.name, "the plugin is not stopped in order: {}", e.what());
  }
}

// Without a master it makes the file itself. Before `start`, which may ask for random bytes.
void worker::start_recording(record_file to) {
  if (own_page_ && !settings_.record.empty()) {
    net::error_code ec;
    to = make_record_file(settings_.record, ec);
    if (ec)
      log::warning(settings_.name, "{}", cannot_record(settings_.record, ec));
    else
      log::info(settings_.name, "connections are recorded to {}", to.path);
  }
  if (!to.fd) return;
  recorder_.emplace(loop_, settings_, library_.describe(), std::move(to));
  shared_.recorder = &*recorder_;
}

void worker::note_random(std::string_view bytes) {
  if (recorder* const r = shared_.recorder_of_now()) r->random(bytes);
}

// ---- the instance's hooks

void worker::start_instance() {
  page_.in_hook.store(hook::start, std::memory_order_relaxed);
  channels_.allow_open(true);
  metrics_.allow_define(true);
  starting_ = true;
  const std::int32_t answer = library_.instance().start(&host_, values_.data(), &shared_.instance);
  end_if_copied(shared_, hook::start);
  starting_ = false;
  metrics_.allow_define(false);
  channels_.allow_open(false);
  page_.in_hook.store(hook::none, std::memory_order_relaxed);
  if (answer != 0)
    throw plugin_refused(fmt::format(
        "plugin {} refused to start: {}its `start` answered {}, expected 0{}. Look at the options that begin with --{}.",
        settings_.plugin_file, said_in_start_.empty() ? "" : said_in_start_ + "; ", answer,
        said_in_start_.empty() ? ", and it logged no error" : "", settings_.name));
  started_ = true;
}

void worker::run_instance_hook(hook which, void (*f)(void*)) {
  page_.conn.store(0, std::memory_order_relaxed);
  page_.in_hook.store(which, std::memory_order_relaxed);
  f(shared_.instance);
  end_if_copied(shared_, which);
  page_.in_hook.store(hook::none, std::memory_order_relaxed);
}

void worker::run_instance() {
  std::string failure;
  run_failure_ = &failure;
  run_instance_hook(hook::run, library_.instance().run);
  run_failure_ = nullptr;
  if (!failure.empty())
    throw plugin_refused(fmt::format("plugin {} failed in its `run`: {}", settings_.plugin_file, failure));
}

bool worker::fail_run(std::string_view why) {
  if (!run_failure_) return false;
  if (run_failure_->empty()) *run_failure_ = why;
  return true;
}

void worker::tick(std::uint64_t arg) {
  if (!started_) return;
  if (recorder_) recorder_->calling();
  page_.conn.store(0, std::memory_order_relaxed);
  page_.in_hook.store(hook::tick, std::memory_order_relaxed);
  library_.instance().tick(shared_.instance, arg);
  end_if_copied(shared_, hook::tick);
  page_.in_hook.store(hook::none, std::memory_order_relaxed);
}

// ---- listening

void worker::make_listeners() {
  if (recorder_) recorder_->listening(listening());
  for (std::size_t a = 0; a < addresses_.size(); ++a) {
    const connection_kind& kind = kinds_.emplace_back(
        connection_kind{.shared = shared_, .hooks = library_.hooks(), .arg = a, .records = records_});
    const auto& slots = addresses_[a]->slots();
    for (std::size_t i = 0; i < slots.size(); ++i)
      listeners_.push_back(std::make_unique<listener>(kind, slots[i].get(), i, addresses_[a]->leaving()));
  }
}

void worker::accept_from(const std::function<bool(bool shared, std::size_t slot)>& mine) {
  if (shared_.draining) return;
  for (auto& l : listeners_) mine(addresses_[l->arg()]->is_shared(), l->slot()) ? l->start() : l->stop();
}

std::vector<net::endpoint> worker::listening() const {
  std::vector<net::endpoint> out;
  for (const auto& a : addresses_) out.push_back(a->bound());
  return out;
}

// ---- life

void worker::run() {
  wait_for_signal();
  run_instance();
  loop_.run();
  end();
}

void worker::wait_for_signal() {
  signals_.async_wait([this](boost::system::error_code, int signal) { on_signal(signal); });
}

void worker::on_signal(int signal) {
  if (signal == SIGUSR1) {
    wait_for_signal();
    return channels_.reopen();
  }
  if (std::exchange(asked_to_end_, true)) {
    log::warning(settings_.name, "SIG{} again: {} connections are cut off", ::sigabbrev_np(signal),
                 shared_.open);
    return loop_.stop();
  }
  wait_for_signal();
  if (master_.asked_to_end) master_.asked_to_end();
  if (shared_.draining) return; // its master was faster, which got the signal of the whole process group
  log::info(settings_.name, "SIG{}: draining {} connections, for at most {} s", ::sigabbrev_np(signal),
            shared_.open, std::chrono::duration<double>(settings_.drain_timeout).count());
  if (own_page_) return drain_all();
  if (!master_.asked_to_end) return drain(); // the others of this master go on accepting
  // If the signal went to the whole process group, nobody else serves on: the master knows. It serves until the answer.
  drain_timer_.expires_after(answer_max);
  drain_timer_.async_wait([this](boost::system::error_code ec) {
    if (!ec) drain();
  });
}

// The listeners go out of epoll and our copies of the sockets are closed: the master alone decides how long they live.
void worker::stop_listening() {
  leave_timer_.cancel();
  listeners_.clear();
  for (auto& a : addresses_) a->close();
  addresses_.clear();
  if (const auto say = std::exchange(master_.released, nullptr); say && started_) say();
}

void worker::drain_all() {
  drain([](std::size_t) { return true; });
  drain_idle();
}

// At a stop somebody waits for the end. At a reload nobody does, and a client may go on as long as it likes.
void worker::drain_idle() {
  if (std::exchange(idle_asked_, true)) return;
  idle_timer_.expires_after(settings_.idle_drain);
  idle_timer_.async_wait([this](boost::system::error_code ec) {
    if (!ec) close_idle();
  });
}

void worker::close_idle() {
  if (recorder_) recorder_->draining(); // for the second time: so it is played again
  shared_.idle_leaves = true;
  for_each_connection([](connection& c) { c.retire_if_idle(); });
}

void worker::drain(const std::function<bool(std::size_t address)>& leaving) {
  if (std::exchange(shared_.draining, true)) return;
  drain_timer_.cancel();
  if (recorder_) recorder_->draining();
  const auto leaves = [&](std::size_t a) { return leaving && leaving(a); };
  for (std::size_t a = 0; a < addresses_.size(); ++a)
    if (leaves(a)) addresses_[a]->take_no_more();
  std::erase_if(listeners_, [&](const auto& l) { return !leaves(l->arg()); });
  for (std::size_t a = 0; a < addresses_.size(); ++a)
    if (!leaves(a)) addresses_[a]->close();
  leave_from_ns_ = loop_.refresh_now_ns();
  leave_addresses();
  for_each_connection([](connection& c) { c.drain(); });
  if (settings_.drain_timeout.count() > 0) {
    const auto at_the_end = std::min<std::chrono::nanoseconds>(settings_.drain_timeout / 10, std::chrono::seconds(1));
    drain_timer_.expires_after(settings_.drain_timeout - at_the_end);
    drain_timer_.async_wait([this, at_the_end](boost::system::error_code ec) {
      if (ec) return;
      if (recorder_) recorder_->calling();
      stop_listening();
      for_each_connection([](connection& c) { c.retire(); });
      cut_off_after(at_the_end);
    });
  }
  end_if_done();
}

// A client that was answered before the address left takes itself for connected, though its acknowledgement is still on
// the way and it is in no queue yet. So those are waited for, and then the queues are emptied for the last time.
void worker::leave_addresses() {
  bool more = false, known = true;
  for (const auto& a : addresses_) {
    const auto comes = a->has_handshakes();
    more |= comes.value_or(true);
    known &= comes.has_value();
  }
  for (auto& l : listeners_) more |= !l->empty_queue();
  const std::int64_t now = loop_.refresh_now_ns();
  if (!more || now - leave_from_ns_ >= (known ? handshake_max_ns : held_back_max_ns)) {
    stop_listening();
    return end_if_done();
  }
  for (auto& l : listeners_) l->start();
  leave_timer_.expires_after(look_again);
  leave_timer_.async_wait([this](boost::system::error_code ec) {
    if (!ec) leave_addresses();
  });
}

void worker::end_if_done() {
  if (shared_.draining && shared_.open == 0 && listeners_.empty()) loop_.stop();
}

void worker::cut_off_after(std::chrono::nanoseconds time) {
  drain_timer_.expires_after(time);
  drain_timer_.async_wait([this](boost::system::error_code ec) {
    if (ec) return;
    if (recorder_) recorder_->calling();
    log::warning(settings_.name, "the drain timeout has passed: {} connections are cut off",
                 shared_.open);
    cut_off_all();
    loop_.stop(); // whatever became of the count of connections
  });
}

void worker::on_freed(loop::object_id gone) {
  timers_.forget(gone);
  outgoing_.closed(gone);
  for (auto& l : listeners_) l->on_room();
  end_if_done();
}

template <class F> void worker::for_each_connection(F f) {
  loop_.for_each_object([&](loop::io_object& o) {
    if (o.role() == connection::role_number) f(static_cast<connection&>(o));
  });
}

void worker::cut_off_all() {
  for_each_connection([](connection& c) { c.cut_off(); });
}

// Every connection has its `close`, every undelivered post its release, then the instance ends.
void worker::end() {
  if (!std::exchange(started_, false)) return;
  shared_.draining = true;
  stop_listening();
  const auto last_turn = [this] {
    cut_off_all();
    loop_.post([this] { loop_.stop(); });
    loop_.run();
  };
  last_turn();
  run_instance_hook(hook::stop, library_.instance().stop);
  last_turn(); // what the plugin's threads had posted before they ended
  channels_.flush();
  if (recorder_) recorder_->finish();
}

// ---- for host_table

connection* worker::find(eh_conn_id id) {
  loop::io_object* const o = loop_.find(id);
  if (!o || o->role() != connection::role_number) return nullptr;
  auto* const c = static_cast<connection*>(o);
  return c->is_open() || c->is_connecting() ? c : nullptr;
}

eh_conn_id worker::closing() const {
  return page_.in_hook.load(std::memory_order_relaxed) == hook::close ? page_.conn.load(std::memory_order_relaxed) : 0;
}

void worker::post(message m) {
  loop_.post([this, m] { deliver(m); });
}

void worker::deliver(const message& m) {
  connection* const c = m.conn ? find(m.conn) : nullptr;
  if (m.conn == 0 && started_)
    tick(m.arg);
  else if (c && c->is_connecting())
    outgoing_.when_decided(m.conn, [this, m] { deliver(m); });
  else if (c)
    c->call(hook::wake, m.arg);
  else if (m.release)
    m.release(m.context);
}

void worker::plugin_says(log::level l, std::string_view text) {
  if (on_this_thread() && starting_ && l == log::level::error) said_in_start_ = text.substr(0, log::line_bytes_max / 2);
  log::write(l, settings_.name, text);
}

} // namespace epollhost
