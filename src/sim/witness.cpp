// Distributed under the Boost Software License, Version 1.0.
// Stands between the host and the plugin, and looks at each call.
#include "sim/witness.hpp"

#include "sim/guarded.hpp"
#include "worker/hook_table.hpp"
#include "worker/plugin_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace epollhost::sim {
namespace {

constexpr unsigned char junk = 0xdd;

} // namespace

// What the worker takes for the plugin's state.
struct witness::record {
  const eh_hooks* hooks; // the plugin's
  char* state;           // null before it begins and after `close`
  eh_conn_id conn;
  std::uint64_t want;
  bool opened, end_seen, ended;
};

witness* witness::the_one = nullptr;

witness::witness(referee& r, const eh_hooks& hooks, const eh_instance& instance, last_words& words)
    : referee_(r), plugin_hooks_(hooks), plugin_instance_(instance), words_(words), hooks_(pass_on(hooks)),
      instance_(instance) {
  the_one = this;
  instance_.start = started;
  instance_.stop = stopped;
  instance_.run = ran;
  instance_.tick = ticked;
}

witness::~witness() {
  for (const auto& [bytes, len] : taken_) release_guarded(bytes, len);
}

char* witness::take(std::size_t len, std::size_t alignment) {
  return taken_.emplace_back(take_guarded(len, alignment), len).first;
}

// The same table, but that each call comes by here.
eh_hooks witness::pass_on(const eh_hooks& whole) {
  eh_hooks out = whole;
  out.state_size = sizeof(record);
  out.state_align = alignof(record);
  out.open = call<hook::open>;
  out.data = call<hook::data>;
  out.room = call<hook::room>;
  out.timer = call<hook::timer>;
  out.wake = call<hook::wake>;
  out.drain = call<hook::drain>;
  out.close = closed;
  return out;
}

// ---- the instance

void witness::enter(hook which, std::uint64_t conn) {
  if (words_.in_hook != hook::none)
    referee_.fail("hooks", fmt::format("{} was called inside {}", to_string(which), to_string(words_.in_hook)));
  if (stopped_) referee_.fail("hooks", fmt::format("{} was called after stop", to_string(which)));
  ++referee_.count().hooks;
  words_.conn = conn;
  words_.now_ns = referee_.kernel().now_ns();
  words_.in_hook = which;
}

void witness::leave() { words_.in_hook = hook::none; }

std::int32_t witness::started(const eh_host* host, const eh_value* values, void** instance) {
  the_one->watch_calls(*host);
  the_one->enter(hook::start, 0);
  const std::int32_t answer = the_one->plugin_instance_.start(host, values, instance);
  the_one->leave();
  return answer;
}

void witness::ran(void* instance) {
  the_one->enter(hook::run, 0);
  the_one->plugin_instance_.run(instance);
  the_one->leave();
}

void witness::ticked(void* instance, std::uint64_t arg) {
  the_one->enter(hook::tick, 0);
  the_one->plugin_instance_.tick(instance, arg);
  the_one->leave();
}

void witness::stopped(void* instance) {
  if (the_one->open_ > 0)
    the_one->referee_.fail("hooks", fmt::format("stop was called while {} connections were open", the_one->open_));
  the_one->enter(hook::stop, 0);
  the_one->plugin_instance_.stop(instance);
  the_one->leave();
  the_one->stopped_ = true;
}

// ---- connections that the plugin makes

// The table is the worker's own, which is not const. A copy would not do: its functions find the worker by its address.
void witness::watch_calls(const eh_host& host) {
  auto& table = const_cast<eh_host&>(host);
  connect_ = std::exchange(table.connect, connected);
  relay_ = std::exchange(table.relay, relayed);
}

const witness::table& witness::table_of(const eh_hooks& given) {
  const auto at = std::find_if(tables_.begin(), tables_.end(), [&](const table& t) { return t.given == &given; });
  if (at != tables_.end()) return *at;
  const eh_hooks whole = complete(given);
  return tables_.emplace_back(table{&given, whole, pass_on(whole)});
}

eh_status witness::connected(const eh_host* host, const eh_connect* how, eh_conn_id* conn, void** state) {
  witness& w = *the_one;
  const bool makes_one = host->on_worker(host) && how && how->size >= sizeof(eh_connect) &&
                         !(how->flags & EH_CONNECT_CHECK) && fault_of(how->hooks).empty();
  if (!makes_one) return w.connect_(host, how, conn, state); // the host says what is wrong
  const table& hooks = w.table_of(*how->hooks);
  eh_connect ours = *how;
  ours.hooks = &hooks.ours;
  eh_conn_id id = 0;
  void* r = nullptr;
  const eh_status status = w.connect_(host, &ours, &id, &r);
  w.referee_.note("connects", static_cast<std::int64_t>(id & 0xffffff), status);
  if (status != EH_OK) return status;
  w.begin(*static_cast<record*>(r), hooks.whole, id);
  if (conn) *conn = id;
  if (state) *state = static_cast<record*>(r)->state;
  return EH_OK;
}

eh_status witness::relayed(const eh_host* host, eh_conn_id a, eh_conn_id b) {
  const eh_status status = the_one->relay_(host, a, b);
  if (status == EH_OK) the_one->relayed_.insert({a, b});
  return status;
}

// ---- connections

template <hook Which> eh_next witness::call(void* instance, void* state, eh_io* io) {
  static constexpr eh_hook eh_hooks::*member = Which == hook::open    ? &eh_hooks::open
                                               : Which == hook::data  ? &eh_hooks::data
                                               : Which == hook::room  ? &eh_hooks::room
                                               : Which == hook::timer ? &eh_hooks::timer
                                               : Which == hook::wake  ? &eh_hooks::wake
                                                                      : &eh_hooks::drain;
  return the_one->pass(Which, member, instance, *static_cast<record*>(state), *io);
}

void witness::begin(record& r, const eh_hooks& hooks, eh_conn_id conn) {
  if (r.conn != 0 || r.state) referee_.fail("hooks", "a connection began with a state that is not zeroed");
  r.hooks = &hooks;
  r.state = take(hooks.state_size, hooks.state_align);
  r.conn = conn;
  ++open_;
}

void witness::open_record(record& r, const eh_io& io) {
  if (!r.hooks) begin(r, plugin_hooks_, io.conn); // it was accepted
  if (r.opened) referee_.fail("hooks", fmt::format("open of connection {:#x} came twice", io.conn));
  r.opened = true;
}

// What was consumed is gone, and so is what was seen: whoever keeps a pointer to it finds junk.
const char* witness::guarded_input(const eh_io& io) {
  if (io.in_len > input_room_) {
    input_room_ = std::max<std::size_t>(io.in_len, 64 * 1024);
    input_end_ = take(input_room_, 1) + input_room_;
  }
  if (io.in_len == 0) return input_end_;
  return static_cast<const char*>(std::memcpy(input_end_ - io.in_len, io.in, io.in_len));
}

eh_next witness::pass(hook which, eh_hook eh_hooks::*member, void* instance, record& r, eh_io& io) {
  if (which == hook::open) open_record(r, io);
  check_call(which, r, io);
  const char* const original = io.in;
  io.in = guarded_input(io);
  enter(which, io.conn);
  const eh_next answer = (r.hooks->*member)(instance, r.state, &io);
  leave();
  if (io.in_len > 0) std::memset(input_end_ - io.in_len, junk, io.in_len);
  io.in = original;
  check_answer(which, io, answer);
  r.end_seen = r.end_seen || (which == hook::data && io.flags & EH_IN_END);
  const bool idle = which == hook::data && io.in_used == 0 && io.want <= io.in_len;
  r.want = idle ? 0 : io.want; // with output it comes again at once, without it with one byte more; both is right
  r.ended = (answer & EH_ACTION_MASK) != EH_KEEP;
  referee_.note(to_string(which), static_cast<std::int64_t>(io.conn & 0xffffff), static_cast<std::int64_t>(io.in_used));
  referee_.note("  answers", answer, static_cast<std::int64_t>(io.out_used));
  return answer;
}

void witness::check_call(hook which, const record& r, const eh_io& io) {
  const auto wrong = [&](const std::string& what) {
    referee_.fail("hooks", fmt::format("{} of connection {:#x}: {}", to_string(which), io.conn, what));
  };
  if (!r.opened || r.conn != io.conn) wrong("called without an open before it");
  if (r.ended) wrong("called after the plugin had asked for the end");
  if (io.now_ns < last_now_ns_) wrong("the clock went back");
  last_now_ns_ = io.now_ns;
  if ((which == hook::data || which == hook::room) && relayed_.contains(r.conn)) wrong("called though it is relayed");
  if (which != hook::data) return;
  if (io.out_cap < EH_OUT_MIN) wrong(fmt::format("room for {} bytes of output, less than EH_OUT_MIN", io.out_cap));
  if (!(io.flags & EH_IN_END) && io.in_len < r.want)
    wrong(fmt::format("{} bytes of input, though {} are wanted", io.in_len, r.want));
  if (!(io.flags & EH_IN_END) && r.end_seen) wrong("more input after its end");
}

// The worker looks at the answer too, and resets the connection; here it is a finding.
void witness::check_answer(hook which, const eh_io& io, eh_next answer) {
  constexpr eh_next known = EH_ACTION_MASK | EH_PAUSE | EH_HALF_OPEN | EH_FINISH | EH_LINGER | EH_IDLE;
  const auto wrong = [&](const std::string& what) {
    referee_.fail("contract", fmt::format("the plugin's {} of connection {:#x}: {}", to_string(which), io.conn, what));
  };
  if (io.in_used > io.in_len) wrong(fmt::format("in_used is {}, above in_len {}", io.in_used, io.in_len));
  if (io.out_used > io.out_cap) wrong(fmt::format("out_used is {}, above out_cap {}", io.out_used, io.out_cap));
  if ((answer & EH_ACTION_MASK) > EH_FAIL || answer & ~known) wrong(fmt::format("the answer {:#x} is none", answer));
  if ((answer & EH_ACTION_MASK) == EH_FAIL) wrong("it failed (EH_FAIL: an exception)");
}

void witness::closed(void* instance, void* state, eh_reason reason) {
  witness& w = *the_one;
  record& r = *static_cast<record*>(state);
  if (!r.state) w.referee_.fail("hooks", "close came twice, or without an open before it");
  w.referee_.note("close", static_cast<std::int64_t>(r.conn & 0xffffff), reason);
  w.enter(hook::close, r.conn);
  r.hooks->close(instance, r.state, reason);
  w.leave();
  if (r.hooks->state_size > 0) forbid_guarded(r.state, r.hooks->state_size);
  r.state = nullptr;
  w.relayed_.erase(r.conn);
  --w.open_;
}

} // namespace epollhost::sim
