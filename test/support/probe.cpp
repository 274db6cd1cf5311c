// Distributed under the Boost Software License, Version 1.0.
// A plugin in a test's hands: each hook is a function that the test sets.
#include "support/probe.hpp"

#include "support/watch.hpp"

#include <boost/test/unit_test.hpp>

#include <dlfcn.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace epollhost::test {
namespace {

probe* current = nullptr;

constexpr std::uint32_t alive = 0x600d600d, ended = 0xe4dede4d, gone = 0xdeadbeef;
constexpr const char* names[] = {"open", "data", "room", "timer", "wake", "drain"};

bool all_zero(const char* at, std::size_t len) {
  return std::all_of(at, at + len, [](char c) { return c == 0; });
}

} // namespace

// What the probe keeps at the front of each connection's state.
struct probe::record {
  std::uint32_t life;
  eh_conn_id conn;
};

probe_tables& probe::tables() {
  void* const handle = ::dlopen(argument("probe.so").c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) throw std::runtime_error(::dlerror());
  return *static_cast<probe_tables*>(::dlsym(handle, "probe_tables"));
}

probe::probe(std::uint32_t hook_flags, std::uint32_t state_bytes, std::uint32_t state_align)
    : state_bytes_(state_bytes) {
  probe_tables& t = tables();
  t.hooks.flags = hook_flags;
  t.hooks.state_size = std::uint32_t(sizeof(record) + state_bytes);
  t.hooks.state_align = state_align;
  t.calls = {
      .hook = [](probe_hook w, void* i, void* s, eh_io* io) { return current->call(w, i, s, *io); },
      .close = [](void* i, void* s, eh_reason r) { current->end(i, s, r); },
      .start =
          [](const eh_host* h, const eh_value*, void** instance) {
            current->host = h;
            *instance = current;
            return current->start ? current->start() : 0;
          },
      .run =
          [](void*) {
            if (current->run) current->run();
          },
      .tick =
          [](void*, std::uint64_t arg) {
            if (current->tick) current->tick(arg);
          },
      .stop =
          [](void*) {
            ++current->stops;
            if (current->closed.size() != current->opened.size()) current->breach("stop before the last close");
            if (current->stop) current->stop();
          },
  };
  current = this;
  library_ = plugin_library::open(argument("probe.so"), true);
}

probe::~probe() {
  current = nullptr;
  for (const std::string& b : breaches_) BOOST_ERROR("the host broke plugin.h: " << b);
  BOOST_CHECK_EQUAL(opened.size(), closed.size());
}

void* probe::extra_state(void* s) const { return static_cast<record*>(s) + 1; }

void probe::check(probe_hook which, void* instance, record& r, const eh_io& io) {
  const auto expect = [&](bool ok, const char* what) {
    if (!ok) breach(std::string(names[which]) + ": " + what);
  };
  expect(depth_ == 1, "entered inside another hook");
  expect(instance == this, "a foreign instance");
  expect(io.size == sizeof(eh_io), "size");
  expect(io.conn != 0, "no connection");
  expect(io.in_used == 0 && io.out_used == 0, "in_used or out_used is not 0 at the call");
  expect(io.now_ns >= last_ns_ && io.now_ns > 0, "the clock went back");
  expect((io.flags & ~std::uint32_t(EH_IN_END | EH_DRAINING)) == 0, "an unknown flag");
  last_ns_ = io.now_ns;
  if (which == probe_open) {
    expect(all_zero(reinterpret_cast<const char*>(&r), sizeof r + state_bytes_), "the state is not zero");
    expect(io.in_len == 0, "open with input");
    return;
  }
  expect(r.life == alive, r.life == ended ? "after the end was asked for" : "without open, or after close");
  expect(!ended_by_call_.contains(io.conn), "after a call has asked for the end");
  expect(r.conn == io.conn, "another id than at open");
  if (which == probe_data) expect(io.out_cap >= EH_OUT_MIN, "less room than EH_OUT_MIN");
  if (which == probe_data) expect(io.in_len > 0 || io.flags & EH_IN_END, "no input and no end of it");
}

eh_next probe::call(probe_hook which, void* instance, void* s, eh_io& io) {
  ++depth_;
  ++calls[which];
  auto& r = *static_cast<record*>(s);
  check(which, instance, r, io);
  if (which == probe_open) {
    r = {alive, io.conn};
    opened.push_back(io.conn);
  }
  const hook* const hooks[] = {&open, &data, &room, &timer, &wake, &drain};
  state = s;
  eh_next answer = EH_KEEP;
  if (*hooks[which])
    answer = (*hooks[which])(io);
  else if (which == probe_data)
    io.in_used = io.in_len;
  if ((answer & EH_ACTION_MASK) != EH_KEEP) r.life = ended;
  --depth_;
  return answer;
}

eh_status probe::end_by_call(eh_conn_id conn, eh_next how) {
  const eh_status status = host->close(host, conn, how);
  if (status == EH_OK) ended_by_call_.insert(conn);
  return status;
}

void probe::end(void* instance, void* s, eh_reason reason) {
  auto& r = *static_cast<record*>(s);
  if (depth_ != 0) breach("close inside another hook");
  if (instance != this) breach("close: a foreign instance");
  if (r.life != alive && r.life != ended) breach("close without open, or twice");
  r.life = gone;
  closed.push_back({r.conn, reason});
  ++depth_;
  if (close) close(r.conn, reason);
  --depth_;
}

void echo(probe& p) {
  p.data = [](eh_io& io) {
    const std::size_t n = std::min(io.in_len, io.out_cap);
    std::copy_n(io.in, n, io.out);
    io.in_used = io.out_used = n;
    return eh_next(EH_KEEP);
  };
}

} // namespace epollhost::test
