// Distributed under the Boost Software License, Version 1.0.
// An outgoing connection of a plugin in a test's hands.
#include "support/far_end.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace epollhost::test {
namespace {

struct state {
  far_end* self;
  char zero[100];
};

far_end& of(void* s) { return *static_cast<state*>(s)->self; }
bool is_left_alone(void* s) { return !static_cast<state*>(s)->self; }

} // namespace

struct far_end::callbacks {
  static eh_next called(void* s, std::string name, const eh_io& io) {
    if (is_left_alone(s)) return EH_KEEP;
    BOOST_CHECK(!of(s).over() && io.conn == of(s).conn);
    of(s).calls.push_back(std::move(name));
    return EH_KEEP;
  }
  static eh_next open(void*, void* s, eh_io* io) {
    if (is_left_alone(s)) return EH_KEEP;
    BOOST_CHECK(of(s).calls.empty() && io->in_len == 0);
    of(s).arg = io->arg;
    called(s, "open", *io);
    return of(s).open ? of(s).open(*io) : eh_next(EH_KEEP);
  }
  static eh_next data(void*, void* s, eh_io* io) {
    if (is_left_alone(s)) return EH_CLOSE;
    BOOST_CHECK(!of(s).calls.empty() && !of(s).over() && io->conn == of(s).conn);
    if (io->flags & EH_IN_END) of(s).ended = true;
    if (of(s).data) return of(s).data(*io);
    of(s).received.append(io->in, io->in_len);
    io->in_used = io->in_len;
    return EH_KEEP;
  }
  static eh_next room(void*, void* s, eh_io* io) { return called(s, "room", *io); }
  static eh_next timer(void*, void* s, eh_io* io) { return called(s, "timer " + std::to_string(io->arg), *io); }
  static eh_next wake(void*, void* s, eh_io* io) { return called(s, "wake " + std::to_string(io->arg), *io); }
  static eh_next drain(void*, void* s, eh_io* io) { return called(s, "drain", *io); }
  static void close(void*, void* s, eh_reason reason) {
    if (is_left_alone(s)) return;
    far_end& me = of(s);
    BOOST_CHECK(!me.over());
    char text[300];
    me.host_->connect_error(me.host_, text, sizeof text);
    me.error = text;
    me.reason = reason;
    me.calls.push_back("close");
    if (me.closed) me.closed();
  }
};

far_end::~far_end() {
  if (state_ && !over()) static_cast<state*>(state_)->self = nullptr;
}

const eh_hooks& far_end::hooks() {
  static const eh_hooks table = {.size = sizeof(eh_hooks),
                                 .flags = 0,
                                 .state_size = sizeof(state),
                                 .state_align = 0,
                                 .open = callbacks::open,
                                 .data = callbacks::data,
                                 .room = callbacks::room,
                                 .timer = callbacks::timer,
                                 .wake = callbacks::wake,
                                 .drain = callbacks::drain,
                                 .close = callbacks::close};
  return table;
}

eh_status far_end::connect(const eh_host* host, const std::string& address, std::chrono::nanoseconds timeout,
                           const eh_hooks* with) {
  host_ = host;
  const eh_connect how = {.size = sizeof(eh_connect),
                          .flags = 0,
                          .address = address.c_str(),
                          .address_len = 0,
                          .hooks = with ? with : &hooks(),
                          .arg = 77,
                          .timeout_ns = timeout.count()};
  void* memory = nullptr;
  const eh_status status = host->connect(host, &how, &conn, &memory);
  if (status != EH_OK) return status;
  BOOST_REQUIRE(memory && conn);
  auto& s = *static_cast<state*>(memory);
  BOOST_CHECK(!s.self && std::all_of(s.zero, s.zero + sizeof s.zero, [](char c) { return c == 0; }));
  s.self = this;
  state_ = memory;
  return status;
}

eh_status far_end::check(const eh_host* host, const std::string& address) {
  const eh_connect how = {.size = sizeof(eh_connect),
                          .flags = EH_CONNECT_CHECK,
                          .address = address.data(),
                          .address_len = address.size(),
                          .hooks = &hooks(),
                          .arg = 0,
                          .timeout_ns = 0};
  return host->connect(host, &how, nullptr, nullptr);
}

} // namespace epollhost::test
