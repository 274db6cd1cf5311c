// Distributed under the Boost Software License, Version 1.0.
// A host in memory for the tests of async.hpp: no socket, no clock, and every rule of plugin.h that tasks rely on.
#include "fake_host.hpp"

#include "support/system_calls.hpp"

#include <boost/test/unit_test.hpp>

#include <cstring>

namespace epollhost::test {
namespace {

thread_local bool counts_now = false;

void count(bool on) {
  counts_now = on;
  counting(on);
}

// What this host allocates for itself is not the plugin's.
struct uncounted {
  uncounted() { counting(false); }
  ~uncounted() { counting(counts_now); }
};

} // namespace

fake_host::fake_host(const eh_plugin& plugin) : eh_host{}, plugin_(plugin) {
  fill_table();
  limits_ = {.size = sizeof limits_,
             .flags = 0,
             .input_max = input_max,
             .output_low = output_low,
             .output_high = output_high,
             .output_max = output_max};
  std::vector<eh_value> values;
  for (std::uint32_t i = 0; i < plugin.option_count; ++i) values.push_back(plugin.options[i].fallback);
  BOOST_REQUIRE_EQUAL(plugin.instance->start(this, values.data(), &instance), 0);
  if (plugin.instance->run) plugin.instance->run(instance);
}

fake_host::~fake_host() {
  for (fake_peer& p : peers_)
    if (!p.closed) drop(p, EH_REASON_DRAIN);
  plugin_.instance->stop(instance);
  for (const message& m : messages_)
    if (m.release) m.release(m.context);
}

fake_peer& fake_host::connect(std::uint64_t listener) {
  fake_peer& p = peers_.emplace_back();
  p.id = peers_.size() << 24 | 7;
  p.reads = peers_read;
  p.hooks = plugin_.hooks;
  p.state = std::make_unique<void*[]>(p.hooks->state_size / sizeof(void*) + 1);
  call(p, p.hooks->open, listener);
  run();
  return p;
}

eh_status fake_host::make(const eh_connect& how, eh_conn_id& id, void*& state) {
  if (connect_answer != EH_OK) return connect_answer;
  fake_peer& p = peers_.emplace_back();
  p.id = id = peers_.size() << 24 | 7;
  p.hooks = how.hooks;
  p.address.assign(how.address, how.address_len);
  p.connecting = true;
  p.state = std::make_unique<void*[]>(p.hooks->state_size / sizeof(void*) + 1);
  state = p.state.get();
  outgoing.push_back(&p);
  return EH_OK;
}

void fake_host::establish(fake_peer& p) {
  p.connecting = false;
  call(p, p.hooks->open, 0);
  run();
}

void fake_host::refuse(fake_peer& p, eh_reason why, std::string text) {
  refusal_ = std::move(text);
  drop(p, why);
  refusal_.clear();
}

void fake_host::send(fake_peer& p, std::string_view bytes) {
  p.unread += bytes;
  p.ready = true;
  run();
}

void fake_host::end(fake_peer& p) {
  p.end = p.ready = true;
  run();
}

void fake_host::drop(fake_peer& p, eh_reason why) {
  p.gone = true;
  p.reason = why;
  run();
}

void fake_host::read(fake_peer& p, std::size_t bytes) {
  p.sent += p.queued.substr(0, bytes);
  p.queued.erase(0, bytes);
  flush(p);
  run();
}

void fake_host::drain() {
  draining_ = true;
  for (fake_peer& p : peers_) p.drain_due = true;
  run();
}

void fake_host::advance(std::chrono::nanoseconds time) {
  clock_ns += time.count();
  run();
}

void fake_host::run() {
  BOOST_REQUIRE(!in_hook_);
  for (int i = 0; turn(); ++i) BOOST_REQUIRE_LT(i, 1'000'000); // it would never rest
}

bool fake_host::turn() {
  ++turns;
  bool busy = deliver_messages();
  busy |= fire_timers();
  for (std::size_t i = 0; i < peers_.size(); ++i) {
    fake_peer& p = peers_[i];
    if (p.closed) continue;
    if (p.drain_due && !p.gone && !p.connecting) p.drain_due = false, call(p, p.hooks->drain, 0), busy = true;
    if (p.room_due && !p.gone) p.room_due = false, call(p, p.hooks->room, 0), busy = true;
    if (p.ready && !p.gone && !p.connecting) busy |= deliver(p);
    finish_turn(p);
    busy |= p.closed;
  }
  return busy;
}

// ---- hooks

fake_peer* fake_host::find(eh_conn_id id) {
  for (fake_peer& p : peers_)
    if (p.id == id && !p.gone && !p.closed && !p.answered_close) return &p;
  return nullptr;
}

void fake_host::call(fake_peer& p, eh_hook hook, std::uint64_t arg, bool is_data) {
  BOOST_REQUIRE(!in_hook_);
  // Memory of this call alone: whoever keeps a view of it is caught by the address sanitizer.
  const std::unique_ptr<char[]> in(new char[p.unread.size()]);
  std::memcpy(in.get(), p.unread.data(), p.unread.size());
  window_.assign(window_bytes, '\0');
  committed_.clear();
  io_ = {};
  io_.size = sizeof io_;
  io_.flags = std::uint32_t(p.end ? EH_IN_END : 0) | std::uint32_t(draining_ ? EH_DRAINING : 0);
  io_.conn = p.id;
  io_.arg = arg;
  io_.in = in.get();
  io_.in_len = p.unread.size();
  io_.out = window_.data();
  io_.out_cap = p.queued.empty() ? window_bytes : std::min(window_bytes, output_max - p.queued.size());
  io_.now_ns = clock_ns;
  io_.want = is_data ? 0 : p.want;
  io_.deadline_ns = p.deadline_ns;
  in_hook_ = &p;
  ++p.calls;
  count(counted);
  const eh_next answer = hook(instance, p.state.get(), &io_);
  count(false);
  in_hook_ = nullptr;
  if (p.gone) return;
  BOOST_REQUIRE_LE(io_.in_used, io_.in_len);
  BOOST_REQUIRE_LE(io_.out_used, io_.out_cap);
  p.queued += committed_;
  p.queued.append(io_.out, io_.out_used);
  p.unread.erase(0, io_.in_used);
  p.want = io_.want;
  p.deadline_ns = io_.deadline_ns;
  if (is_data && io_.in_used == 0 && io_.out_used == 0 && committed_.empty() && p.want <= p.unread.size())
    p.want = p.unread.size() + 1;
  apply(p, answer);
}

void fake_host::apply(fake_peer& p, eh_next answer) {
  p.answer = answer;
  if (answer & EH_PAUSE) p.paused = true;
  if (answer & EH_HALF_OPEN) p.half_open = true;
  if (answer & EH_FINISH) p.finish = true;
  switch (answer & EH_ACTION_MASK) {
  case EH_CLOSE: p.answered_close = true; break;
  case EH_FAIL: p.failed = true; [[fallthrough]];
  case EH_ABORT:
    p.gone = true;
    p.reason = p.failed ? EH_REASON_FAILED : EH_REASON_PLUGIN;
    break;
  default: break;
  }
}

bool fake_host::deliver(fake_peer& p) {
  p.ready = false;
  bool busy = false;
  for (int calls = 0; !p.gone && !p.answered_close && !p.paused && !p.above_high; ++calls) {
    if (p.end ? p.end_told : p.unread.empty() || p.unread.size() < p.want) break;
    if (calls == 64) return p.ready = true;
    const std::size_t before = p.unread.size();
    call(p, p.hooks->data, 0, true);
    ++p.data_calls;
    busy = true;
    if (p.end && !p.paused && (p.unread.empty() || p.unread.size() == before)) p.end_told = true;
  }
  if (p.want > input_max && !p.paused && !p.gone) p.gone = true, p.reason = EH_REASON_INPUT_MAX;
  return busy;
}

void fake_host::finish_turn(fake_peer& p) {
  flush(p);
  if (p.end_told && !p.half_open && !p.answered_close) p.answered_close = true;
  if (p.queued.empty() && (p.finish || p.answered_close)) p.fin_seen = true;
  if (p.answered_close && p.queued.empty()) p.gone = true;
  if (!p.gone || p.closed) return;
  std::erase_if(timers_, [&](const auto& t) { return t.second.conn == p.id; });
  p.closed = true;
  p.hooks->close(instance, p.state.get(), p.reason);
}

void fake_host::flush(fake_peer& p) {
  if (p.reads) p.sent += std::exchange(p.queued, {});
  if (p.queued.size() > output_high) p.above_high = true;
  if (p.above_high && p.queued.size() <= output_low) p.above_high = false, p.room_due = p.ready = true;
}

bool fake_host::fire_timers() {
  bool busy = false;
  for (fake_peer& p : peers_)
    if (!p.gone && !p.answered_close && p.deadline_ns != 0 && p.deadline_ns <= clock_ns) {
      p.deadline_ns = 0;
      call(p, p.hooks->timer, 0);
      p.ready = busy = true;
    }
  const std::int64_t newest = last_timer_; // what is started meanwhile waits for the next turn
  for (auto at = timers_.begin(); at != timers_.end() && at->first <= newest;) {
    if (at->second.at_ns > clock_ns) {
      ++at;
      continue;
    }
    const timer t = at->second;
    timers_.erase(at);
    busy = true;
    if (t.conn == 0)
      plugin_.instance->tick(instance, t.arg);
    else if (fake_peer* const p = find(t.conn))
      call(*p, p->hooks->timer, t.arg), p->ready = true;
    at = timers_.begin();
  }
  return busy;
}

bool fake_host::deliver_messages() {
  std::deque<message> now;
  {
    const std::lock_guard lock(mutex_);
    now.swap(messages_);
  }
  for (const message& m : now) {
    fake_peer* const p = m.conn ? find(m.conn) : nullptr;
    if (m.conn == 0)
      plugin_.instance->tick(instance, m.arg);
    else if (p)
      call(*p, p->hooks->wake, m.arg), p->ready = true;
    else if (m.release)
      m.release(m.context);
  }
  return !now.empty();
}

// ---- the table

std::size_t fake_host::queued_bytes(const fake_peer& p) const {
  return p.queued.size() + (in_hook_ == &p ? committed_.size() + io_.out_used : 0);
}

eh_status fake_host::append(fake_peer& p, std::string_view bytes) {
  const bool in_hand = in_hook_ == &p, fits = bytes.size() <= output_max - std::min(output_max, queued_bytes(p));
  if (in_hand) committed_.append(io_.out, io_.out_used), io_.out_used = 0;
  if (fits) (in_hand ? committed_ : p.queued) += bytes;
  if (queued_bytes(p) > output_high || (!fits && queued_bytes(p) > 0)) p.above_high = true;
  if (in_hand) io_.out_cap = std::min(window_bytes, output_max - std::min(output_max, queued_bytes(p)));
  return fits ? EH_OK : EH_OVER_LIMIT;
}

eh_status fake_host::put(message m) {
  const uncounted here;
  if (wake_answer != EH_OK) return wake_answer;
  const std::lock_guard lock(mutex_);
  messages_.push_back(m);
  return EH_OK;
}

void fake_host::fill_table() {
  static_cast<eh_host&>(*this) = {};
  size = sizeof(eh_host);
  log = [](const eh_host* h, std::uint32_t, const char* text, std::uint64_t len) {
    of(h).log_lines.emplace_back(text, len);
  };
  now_ns = [](const eh_host* h) { return of(h).clock_ns; };
  write = [](const eh_host* h, eh_conn_id id, const void* bytes, std::uint64_t len) -> eh_status {
    fake_peer* const p = of(h).find(id);
    return p ? of(h).append(*p, {static_cast<const char*>(bytes), len}) : eh_status(EH_GONE);
  };
  resume = [](const eh_host* h, eh_conn_id id) -> eh_status {
    fake_peer* const p = of(h).find(id);
    if (!p) return EH_GONE;
    p->paused = false;
    p->ready = true;
    return EH_OK;
  };
  close = [](const eh_host* h, eh_conn_id id, eh_next how) -> eh_status {
    fake_peer* const p = of(h).find(id);
    if (!p) return EH_GONE;
    (how == EH_ABORT ? p->gone : p->answered_close) = true;
    return EH_OK;
  };
  eh_host::connect = [](const eh_host* h, const eh_connect* how, eh_conn_id* id, void** state) {
    return of(h).make(*how, *id, *state);
  };
  connect_error = [](const eh_host* h, char* text, std::uint64_t cap) -> std::int64_t {
    return std::int64_t(of(h).refusal_.copy(text, cap));
  };
  queued = [](const eh_host* h, eh_conn_id id) -> std::int64_t {
    fake_peer* const p = of(h).find(id);
    return p ? std::int64_t(of(h).queued_bytes(*p)) : std::int64_t(EH_GONE);
  };
  address = [](const eh_host*, eh_conn_id, std::uint32_t which, char* text, std::uint64_t cap) {
    return std::int64_t(std::snprintf(text, cap, which == 0 ? "10.0.0.1:50000" : "10.0.0.2:7001"));
  };
  timer_start = [](const eh_host* h, eh_conn_id id, std::int64_t at_ns, std::uint64_t arg) -> std::int64_t {
    const uncounted here;
    fake_host& f = of(h);
    if (id && !f.find(id)) return EH_GONE;
    const std::int64_t t = ++f.last_timer_;
    f.timers_.emplace(t, timer{t, at_ns, id, arg});
    return t;
  };
  timer_stop = [](const eh_host* h, std::int64_t t) -> eh_status { return of(h).timers_.erase(t) ? EH_OK : EH_GONE; };
  wake = [](const eh_host* h, eh_conn_id id, std::uint64_t arg) -> eh_status {
    return of(h).find(id) ? of(h).put({id, arg, nullptr, nullptr}) : eh_status(EH_GONE);
  };
  post = [](const eh_host* h, eh_conn_id id, std::uint64_t arg, eh_release release, void* context) {
    return of(h).put({id, arg, release, context});
  };
  failure_ = {.size = sizeof failure_, .flags = 0, .fail = [](const eh_host* h, const char* text, std::uint64_t len) {
                of(h).run_failure.assign(text, len);
                return eh_status(EH_OK);
              }};
  get_extension = [](const eh_host* h, const char* id) -> const void* {
    if (std::string_view(id) == EH_FAILURE) return &of(h).failure_;
    return std::string_view(id) == EH_LIMITS ? &of(h).limits_ : nullptr;
  };
}

} // namespace epollhost::test
