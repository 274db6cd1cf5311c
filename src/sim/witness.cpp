// Distributed under the Boost Software License, Version 1.0.
// Stands between the host and the plugin, and looks at each call.
#include "sim/witness.hpp"

#include "sim/guarded.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace epollhost::sim {
namespace {

constexpr unsigned char junk = 0xdd;

} // namespace

// What the worker takes for the plugin's state.
struct witness::record {
  char* state;
  eh_conn_id conn;
  std::uint64_t want;
  bool opened, end_seen, ended;
};

witness* witness::the_one = nullptr;

witness::witness(referee& r, const eh_hooks& hooks, const eh_instance& instance, last_words& words)
    : referee_(r), plugin_hooks_(hooks), plugin_instance_(instance), words_(words), hooks_(hooks), instance_(instance) {
  the_one = this;
  hooks_.state_size = sizeof(record);
  hooks_.state_align = alignof(record);
  hooks_.open = call<hook::open>;
  hooks_.data = call<hook::data>;
  hooks_.room = call<hook::room>;
  hooks_.timer = call<hook::timer>;
  hooks_.wake = call<hook::wake>;
  hooks_.drain = call<hook::drain>;
  hooks_.close = closed;
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

// ---- connections

template <hook Which> eh_next witness::call(void* instance, void* state, eh_io* io) {
  static constexpr eh_hook eh_hooks::*member = Which == hook::open    ? &eh_hooks::open
                                               : Which == hook::data  ? &eh_hooks::data
                                               : Which == hook::room  ? &eh_hooks::room
                                               : Which == hook::timer ? &eh_hooks::timer
                                               : Which == hook::wake  ? &eh_hooks::wake
                                                                      : &eh_hooks::drain;
  return the_one->pass(Which, the_one->plugin_hooks_.*member, instance, *static_cast<record*>(state), *io);
}

void witness::open_record(record& r, const eh_io& io) {
  if (r.opened || r.conn != 0 || r.state) referee_.fail("hooks", "open found a state that is not zeroed");
  r.state = take(plugin_hooks_.state_size, plugin_hooks_.state_align);
  r.conn = io.conn;
  r.opened = true;
  ++open_;
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

eh_next witness::pass(hook which, eh_hook to, void* instance, record& r, eh_io& io) {
  if (which == hook::open) open_record(r, io);
  check_call(which, r, io);
  const char* const original = io.in;
  io.in = guarded_input(io);
  enter(which, io.conn);
  const eh_next answer = to(instance, r.state, &io);
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
  if (which != hook::data) return;
  if (io.out_cap < EH_OUT_MIN) wrong(fmt::format("room for {} bytes of output, less than EH_OUT_MIN", io.out_cap));
  if (!(io.flags & EH_IN_END) && io.in_len < r.want)
    wrong(fmt::format("{} bytes of input, though {} are wanted", io.in_len, r.want));
  if (!(io.flags & EH_IN_END) && r.end_seen) wrong("more input after its end");
}

// The worker looks at the answer too, and resets the connection; here it is a finding.
void witness::check_answer(hook which, const eh_io& io, eh_next answer) {
  constexpr eh_next known = EH_ACTION_MASK | EH_PAUSE | EH_HALF_OPEN | EH_FINISH | EH_LINGER;
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
  if (!r.opened) w.referee_.fail("hooks", "close came twice, or without an open before it");
  r.opened = false;
  w.referee_.note("close", static_cast<std::int64_t>(r.conn & 0xffffff), reason);
  w.enter(hook::close, r.conn);
  w.plugin_hooks_.close(instance, r.state, reason);
  w.leave();
  if (w.plugin_hooks_.state_size > 0) forbid_guarded(r.state, w.plugin_hooks_.state_size);
  --w.open_;
}

} // namespace epollhost::sim
