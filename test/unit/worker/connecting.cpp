// Distributed under the Boost Software License, Version 1.0.
// Tests the connections that a plugin makes by itself: how they are made, how they fail, what can be done meanwhile.
#include "support/far_end.hpp"
#include "support/few_descriptors.hpp"
#include "support/names.hpp"
#include "support/served.hpp"

#include "net/listen.hpp"
#include "worker/connector.hpp"
#include "worker/plugin_refused.hpp"

#include <boost/test/unit_test.hpp>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <list>
#include <optional>
#include <thread>

using namespace epollhost;
using namespace std::chrono_literals;
using test::argument;
using test::client;
using test::far_end;
using test::few_descriptors;
using test::log_lines;
using test::names;
using test::probe;
using test::served;

namespace {

// A listener of the test's own; nobody accepts but the test.
struct place {
  explicit place(int backlog, const listen_address& where = test::any_port()) {
    net::error_code ec;
    fd = net::bind(where.endpoint, {}, ec);
    BOOST_REQUIRE(!ec);
    if (backlog >= 0) BOOST_REQUIRE(!net::listen(fd.get(), backlog));
  }
  net::endpoint endpoint() const { return net::local_endpoint(fd.get()); }
  std::string text() const { return to_string(endpoint()); }
  std::string port() const { return text().substr(text().rfind(':')); }

  // From now on it answers nobody: the kernel drops what does not fit into its queue.
  void fill() {
    for (bool full = false; !full;) {
      net::unique_fd& c = waiting.emplace_back();
      net::result r = net::connect(endpoint(), false, c);
      full = r == -EAGAIN;
      pollfd p{c.get(), POLLOUT, 0};
      if (r == -EINPROGRESS) full = ::poll(&p, 1, 100) == 0;
      if (full) waiting.pop_back();
    }
  }
  net::unique_fd fd;
  std::list<net::unique_fd> waiting;
};

place nobody() { return place(-1); } // bound, so that no other gets the port, and refusing

void echo(probe& p) {
  p.data = [](eh_io& io) {
    const std::size_t n = std::min(io.in_len, io.out_cap);
    std::copy_n(io.in, n, io.out);
    io.in_used = io.out_used = n;
    return eh_next(EH_KEEP);
  };
}

eh_next say(eh_io& io, std::string_view text) {
  std::copy(text.begin(), text.end(), io.out);
  io.out_used = text.size();
  return EH_KEEP;
}

void release_flag(void* flag) { *static_cast<bool*>(flag) = true; }

} // namespace

BOOST_AUTO_TEST_SUITE(connecting)

EPOLLHOST_TEST_EACH_TRIGGER(talks_with_whom_it_connected_to) {
  for (const bool local : {false, true}) {
    probe p;
    echo(p);
    served s(p, trigger, [&](auto& w) { w.listen = {local ? test::any_unix() : test::any_port()}; });
    far_end far;
    far.open = [](eh_io& io) { return say(io, "hello"); };
    BOOST_REQUIRE_EQUAL(far.connect(p.host, to_string(s.at())), EH_OK);
    BOOST_CHECK(far.calls.empty()); // nothing comes inside the call
    s.until([&] { return far.received == "hello"; });
    BOOST_CHECK_EQUAL(far.arg, 77);
    char address[200];
    BOOST_CHECK_GT(p.host->address(p.host, far.conn, 0, address, sizeof address), 0);
    BOOST_CHECK_EQUAL(address, to_string(s.at()));
    BOOST_CHECK_EQUAL(p.end_by_call(p.opened.at(0), EH_CLOSE), EH_OK);
    s.until([&] { return far.over() && p.closed.size() == 1; });
    BOOST_CHECK_EQUAL(far.reason, EH_REASON_END);
    BOOST_CHECK_EQUAL(far.calls.front(), "open");
    BOOST_CHECK_EQUAL(s.counters().accepted + s.counters().connects, s.counters().closed);
    BOOST_CHECK_EQUAL(s.counters().connect_failures, 0);
  }
}

EPOLLHOST_TEST_EACH_TRIGGER(sends_first_what_was_written_before_it_was_there) {
  probe p;
  echo(p);
  served s(p, trigger);
  far_end far;
  far.open = [](eh_io& io) { return say(io, "third"); };
  BOOST_REQUIRE_EQUAL(far.connect(p.host, to_string(s.at())), EH_OK);
  BOOST_CHECK_EQUAL(p.host->write(p.host, far.conn, "first ", 6), EH_OK);
  bool released = false;
  BOOST_CHECK_EQUAL(p.host->write_ref(p.host, far.conn, "second ", 7, release_flag, &released), EH_OK);
  BOOST_CHECK_EQUAL(p.host->queued(p.host, far.conn), 13);
  s.until([&] { return far.received == "first second third"; });
  BOOST_CHECK(released);
}

EPOLLHOST_TEST_EACH_TRIGGER(gives_up_what_was_written_to_a_connection_that_fails) {
  probe p;
  served s(p, trigger);
  const place refusing = nobody();
  far_end far;
  bool released = false;
  far.closed = [&] { BOOST_CHECK(released); };
  BOOST_REQUIRE_EQUAL(far.connect(p.host, refusing.text()), EH_OK);
  BOOST_CHECK_EQUAL(p.host->write_ref(p.host, far.conn, "x", 1, release_flag, &released), EH_OK);
  s.until([&] { return far.over(); });
}

EPOLLHOST_TEST_EACH_TRIGGER(bounds_what_is_written_before_it_is_there) {
  probe p;
  served s(p, trigger, [](auto& w) { w.limits.output_max = 20'000; });
  far_end far;
  BOOST_REQUIRE_EQUAL(far.connect(p.host, to_string(s.at())), EH_OK);
  const std::string much(20'000, 'x');
  BOOST_CHECK_EQUAL(p.host->write(p.host, far.conn, much.data(), much.size()), EH_OK);
  BOOST_CHECK_EQUAL(p.host->write(p.host, far.conn, "x", 1), EH_OVER_LIMIT);
}

EPOLLHOST_TEST_EACH_TRIGGER(tells_by_close_alone_that_nobody_listens) {
  probe p;
  served s(p, trigger);
  const place refusing = nobody();
  far_end far;
  BOOST_REQUIRE_EQUAL(far.connect(p.host, refusing.text()), EH_OK);
  BOOST_CHECK(!far.over()); // not inside the call
  s.until([&] { return far.over(); });
  BOOST_CHECK_EQUAL(far.reason, EH_REASON_CONNECT);
  BOOST_CHECK_EQUAL(far.error, refusing.text() + ": Connection refused");
  BOOST_REQUIRE_EQUAL(far.calls.size(), 1);
  BOOST_CHECK_EQUAL(far.calls[0], "close");
  BOOST_CHECK_EQUAL(p.host->write(p.host, far.conn, "x", 1), EH_GONE);
  BOOST_CHECK_EQUAL(s.counters().connect_failures, 1);
  BOOST_CHECK_EQUAL(s.worker->open_connections(), 0);
  char text[100] = "?";
  BOOST_CHECK_EQUAL(p.host->connect_error(p.host, text, sizeof text), 0); // no `close` runs
  BOOST_CHECK_EQUAL(text, "");
}

EPOLLHOST_TEST_EACH_TRIGGER(cuts_the_reason_to_the_room_for_it) {
  probe p;
  served s(p, trigger);
  far_end far;
  std::string cut;
  far.closed = [&] {
    char text[5];
    BOOST_CHECK_EQUAL(p.host->connect_error(p.host, text, sizeof text), 4);
    cut = text;
    BOOST_CHECK_EQUAL(p.host->connect_error(p.host, text, 0), EH_INVALID);
    BOOST_CHECK_EQUAL(p.host->connect_error(p.host, nullptr, 5), EH_INVALID);
  };
  BOOST_REQUIRE_EQUAL(far.connect(p.host, nobody().text()), EH_OK);
  s.until([&] { return far.over(); });
  BOOST_CHECK_EQUAL(cut, "127.");
}

EPOLLHOST_TEST_EACH_TRIGGER(fails_when_its_time_is_over) {
  probe p;
  served s(p, trigger);
  place silent(0);
  silent.fill();
  far_end far;
  const std::int64_t before = p.host->now_ns(p.host);
  BOOST_REQUIRE_EQUAL(far.connect(p.host, silent.text(), 30ms), EH_OK);
  s.until([&] { return far.over(); });
  BOOST_CHECK_GE(p.host->now_ns(p.host) - before, 30'000'000);
  BOOST_CHECK_EQUAL(far.reason, EH_REASON_TIMEOUT);
  BOOST_CHECK_EQUAL(far.error, silent.text() + ": no answer in time");
}

EPOLLHOST_TEST_EACH_TRIGGER(gives_up_when_it_is_closed_while_connecting) {
  for (const eh_next how : {EH_CLOSE, EH_ABORT}) {
    probe p;
    served s(p, trigger);
    place silent(0);
    silent.fill();
    far_end far;
    BOOST_REQUIRE_EQUAL(far.connect(p.host, silent.text()), EH_OK);
    s.turn();
    BOOST_CHECK_EQUAL(p.host->close(p.host, far.conn, how), EH_OK);
    BOOST_CHECK(!far.over());
    BOOST_CHECK_EQUAL(p.host->close(p.host, far.conn, how), EH_GONE);
    s.until([&] { return far.over(); });
    BOOST_CHECK_EQUAL(far.reason, EH_REASON_PLUGIN);
    BOOST_CHECK_EQUAL(far.error, "");
    BOOST_CHECK_EQUAL(far.calls.size(), 1);
  }
}

// No event tells when a unix socket's queue has room again.
EPOLLHOST_TEST_EACH_TRIGGER(waits_for_room_in_the_queue_of_a_unix_socket) {
  probe p;
  served s(p, trigger);
  place crowded(0, test::any_unix());
  crowded.fill();
  far_end far, late;
  BOOST_REQUIRE_EQUAL(late.connect(p.host, crowded.text(), 1ms), EH_OK);
  s.until([&] { return late.over(); });
  BOOST_CHECK_EQUAL(late.reason, EH_REASON_TIMEOUT);
  BOOST_CHECK_EQUAL(late.error, crowded.text() + ": Resource temporarily unavailable");
  BOOST_REQUIRE_EQUAL(far.connect(p.host, crowded.text()), EH_OK);
  s.turn();
  BOOST_CHECK(far.calls.empty());
  std::list<net::unique_fd> accepted;
  s.until([&] {
    const net::result r = net::accept(crowded.fd.get());
    if (r >= 0) accepted.emplace_back(int(r));
    return !far.calls.empty();
  });
  BOOST_CHECK_EQUAL(far.calls[0], "open");
}

EPOLLHOST_TEST_EACH_TRIGGER(tries_every_address_of_a_name) {
  names names;
  probe p;
  echo(p);
  served s(p, trigger);
  const std::string port = to_string(s.at()).substr(9);
  names.set("some.test", {"127.0.0.2", "127.0.0.3", "127.0.0.1"}); // the worker listens at the last one alone
  far_end far;
  BOOST_REQUIRE_EQUAL(far.connect(p.host, "some.test" + port), EH_OK);
  s.until([&] { return !far.calls.empty(); });
  BOOST_CHECK_EQUAL(far.calls[0], "open");
}

EPOLLHOST_TEST_EACH_TRIGGER(does_not_wait_for_an_address_that_is_silent) {
  names names;
  probe p;
  std::optional<place> silent;
  net::unique_fd good; // 127.0.0.2, the same port
  while (!good) {      // which may be somebody's
    silent.emplace(0);
    net::endpoint other = silent->endpoint();
    reinterpret_cast<unsigned char*>(&other.storage)[7] = 2;
    net::error_code ec;
    good = net::bind(other, {}, ec);
  }
  BOOST_REQUIRE(!net::listen(good.get(), 5));
  silent->fill();
  names.set("some.test", {"127.0.0.1", "127.0.0.2"});
  served s(p, trigger);
  far_end far;
  const std::int64_t before = p.host->now_ns(p.host);
  BOOST_REQUIRE_EQUAL(far.connect(p.host, "some.test" + silent->port()), EH_OK);
  s.until([&] { return !far.calls.empty(); });
  BOOST_CHECK_EQUAL(far.calls[0], "open");
  BOOST_CHECK_GE(p.host->now_ns(p.host) - before, connector::attempt_delay_ns);
}

EPOLLHOST_TEST_EACH_TRIGGER(fails_in_time_where_the_last_address_fails_at_once_and_another_is_silent) {
  names names;
  probe p;
  place silent(0);
  silent.fill();
  names.set("some.test", {"127.0.0.1", "255.255.255.255"}); // nobody connects to a broadcast
  served s(p, trigger);
  far_end far;
  constexpr std::chrono::milliseconds little_more{connector::attempt_delay_ns / 1'000'000 + 50};
  BOOST_REQUIRE_EQUAL(far.connect(p.host, "some.test" + silent.port(), little_more), EH_OK);
  s.until([&] { return far.over(); });
  BOOST_CHECK_EQUAL(far.reason, EH_REASON_TIMEOUT);
}

EPOLLHOST_TEST_EACH_TRIGGER(tries_no_more_addresses_of_a_name_than_its_bound) {
  for (const std::size_t at : {connector::addresses_max, connector::addresses_max + 1}) {
    names names;
    probe p;
    served s(p, trigger);
    std::vector<std::string> all(at - 1, "127.0.0.9");
    all.push_back("127.0.0.1");
    names.set("some.test", all);
    far_end far;
    BOOST_REQUIRE_EQUAL(far.connect(p.host, "some.test" + to_string(s.at()).substr(9)), EH_OK);
    s.until([&] { return !far.calls.empty(); });
    BOOST_CHECK_EQUAL(far.calls[0], at == connector::addresses_max ? "open" : "close");
  }
}

EPOLLHOST_TEST_EACH_TRIGGER(fails_where_a_name_is_not_known) {
  names names;
  names.set("none.test", {});
  probe p;
  served s(p, trigger);
  far_end far;
  BOOST_REQUIRE_EQUAL(far.connect(p.host, "none.test:80"), EH_OK);
  s.until([&] { return far.over(); });
  BOOST_CHECK_EQUAL(far.reason, EH_REASON_CONNECT);
  BOOST_CHECK_EQUAL(far.error, "cannot look up none.test: Name or service not known");
}

EPOLLHOST_TEST_EACH_TRIGGER(does_not_wait_for_a_name_longer_than_its_time) {
  names names;
  names.hang("slow.test");
  probe p;
  served s(p, trigger);
  far_end far, closed;
  BOOST_REQUIRE_EQUAL(far.connect(p.host, "slow.test:80", 5ms), EH_OK);
  BOOST_REQUIRE_EQUAL(closed.connect(p.host, "slow.test:80"), EH_OK);
  s.until([&] { return far.over() && names.hanging() >= 1; });
  BOOST_CHECK_EQUAL(far.reason, EH_REASON_TIMEOUT);
  BOOST_CHECK_EQUAL(far.error, "the name was not looked up in time");
  BOOST_CHECK_EQUAL(p.host->close(p.host, closed.conn, EH_CLOSE), EH_OK);
  s.until([&] { return closed.over(); });
  names.release(); // the answers find nobody
  s.until([&] { return names.hanging() == 0; });
  s.turn();
}

EPOLLHOST_TEST_EACH_TRIGGER(ends_while_a_look_up_hangs) {
  names names;
  names.hang("slow.test");
  probe p;
  far_end far;
  {
    served s(p, trigger);
    BOOST_REQUIRE_EQUAL(far.connect(p.host, "slow.test:80"), EH_OK);
    s.until([&] { return names.hanging() == 1; });
  }
  BOOST_CHECK_EQUAL(far.reason, EH_REASON_DRAIN);
}

EPOLLHOST_TEST_EACH_TRIGGER(fails_without_descriptors_and_leaves_the_others_alone) {
  probe p;
  echo(p);
  served s(p, trigger);
  client c(s.at());
  s.until([&] { return p.opened.size() == 1; });
  const place somewhere(5);
  far_end far;
  {
    const few_descriptors none(0);
    BOOST_REQUIRE_EQUAL(far.connect(p.host, somewhere.text()), EH_OK);
    s.until([&] { return far.over(); });
  }
  BOOST_CHECK_EQUAL(far.reason, EH_REASON_SYSTEM);
  BOOST_CHECK_EQUAL(far.error, somewhere.text() + ": Too many open files");
  c.send("x");
  s.receive(c, 1);
}

EPOLLHOST_TEST_EACH_TRIGGER(counts_outgoing_connections_apart) {
  probe p;
  served s(p, trigger, [](auto& w) { w.limits.max_connections = 2; });
  const place somewhere(5);
  far_end one, two, three;
  client a(s.at()), b(s.at());
  s.until([&] { return p.opened.size() == 2; });
  BOOST_CHECK_EQUAL(one.connect(p.host, somewhere.text()), EH_OK);
  BOOST_CHECK_EQUAL(two.connect(p.host, somewhere.text()), EH_OK);
  BOOST_CHECK_EQUAL(three.connect(p.host, somewhere.text()), EH_OVER_LIMIT);
  s.until([&] { return !one.calls.empty() && !two.calls.empty(); });
  a.reset();
  s.until([&] { return p.closed.size() == 1; });
  client c(s.at()); // outgoing ones take no place of an accepted one
  s.until([&] { return p.opened.size() == 3; });
  BOOST_CHECK_EQUAL(p.host->close(p.host, one.conn, EH_ABORT), EH_OK);
  s.until([&] { return one.over(); });
  BOOST_CHECK_EQUAL(three.connect(p.host, somewhere.text()), EH_OK);
}

EPOLLHOST_TEST_EACH_TRIGGER(knows_a_bounded_number_of_tables_of_hooks) {
  probe p;
  served s(p, trigger);
  std::array<eh_hooks, outgoing::kinds_max + 1> tables;
  tables.fill(far_end::hooks());
  std::list<far_end> all;
  for (std::size_t i = 0; i < tables.size(); ++i)
    BOOST_CHECK_EQUAL(all.emplace_back().connect(p.host, to_string(s.at()), 0s, &tables[i]),
                      i < outgoing::kinds_max ? EH_OK : EH_OVER_LIMIT);
  BOOST_CHECK_EQUAL(all.emplace_back().connect(p.host, to_string(s.at()), 0s, &tables[0]), EH_OK);
  s.worker.reset(); // the tables outlive it
}

EPOLLHOST_TEST_EACH_TRIGGER(delivers_posts_once_it_is_open) {
  probe p;
  served s(p, trigger);
  far_end far;
  BOOST_REQUIRE_EQUAL(far.connect(p.host, to_string(s.at())), EH_OK);
  bool released = false;
  BOOST_CHECK_EQUAL(p.host->wake(p.host, far.conn, 5), EH_OK);
  BOOST_CHECK_EQUAL(p.host->post(p.host, far.conn, 6, release_flag, &released), EH_OK);
  s.until([&] { return far.calls.size() == 3; });
  const std::vector<std::string> expected = {"open", "wake 5", "wake 6"};
  BOOST_CHECK_EQUAL_COLLECTIONS(far.calls.begin(), far.calls.end(), expected.begin(), expected.end());
  BOOST_CHECK(!released);
}

EPOLLHOST_TEST_EACH_TRIGGER(releases_posts_to_a_connection_that_fails) {
  probe p;
  served s(p, trigger);
  const place refusing = nobody();
  for (const bool close : {false, true}) {
    far_end far;
    BOOST_REQUIRE_EQUAL(far.connect(p.host, refusing.text()), EH_OK);
    bool released = false;
    BOOST_CHECK_EQUAL(p.host->post(p.host, far.conn, 6, release_flag, &released), EH_OK);
    if (close) BOOST_CHECK_EQUAL(p.host->close(p.host, far.conn, EH_CLOSE), EH_OK);
    s.until([&] { return far.over() && released; });
  }
}

EPOLLHOST_TEST_EACH_TRIGGER(answers_what_a_connection_cannot_do_before_it_is_there) {
  probe p;
  served s(p, trigger);
  far_end far;
  BOOST_REQUIRE_EQUAL(far.connect(p.host, to_string(s.at())), EH_OK);
  char text[100];
  BOOST_CHECK_EQUAL(p.host->timer_start(p.host, far.conn, 1, 1), EH_INVALID);
  BOOST_CHECK_EQUAL(p.host->address(p.host, far.conn, 0, text, sizeof text), EH_UNSUPPORTED);
  BOOST_CHECK_EQUAL(p.host->set_option(p.host, far.conn, EH_SO_NODELAY, 1), EH_UNSUPPORTED);
  BOOST_CHECK_EQUAL(p.host->pause(p.host, far.conn), EH_OK);
  BOOST_CHECK_EQUAL(p.host->resume(p.host, far.conn), EH_OK);
}

EPOLLHOST_TEST_EACH_TRIGGER(stays_paused_until_it_is_resumed) {
  probe p;
  p.open = [](eh_io& io) { return say(io, "greeting"); };
  served s(p, trigger);
  far_end far;
  BOOST_REQUIRE_EQUAL(far.connect(p.host, to_string(s.at())), EH_OK);
  BOOST_CHECK_EQUAL(p.host->pause(p.host, far.conn), EH_OK);
  s.until([&] { return !far.calls.empty() && p.opened.size() == 1; });
  s.rest(1ms);
  BOOST_CHECK_EQUAL(far.received, "");
  BOOST_CHECK_EQUAL(p.host->resume(p.host, far.conn), EH_OK);
  s.until([&] { return far.received == "greeting"; });
}

EPOLLHOST_TEST_EACH_TRIGGER(finishes_connecting_while_the_worker_drains) {
  probe p;
  p.drain = [](eh_io&) { return eh_next(EH_CLOSE); };
  served s(p, trigger, [](auto& w) { w.listen.push_back(test::any_port()); });
  const place somewhere(5);
  far_end far;
  far.open = [](eh_io& io) {
    BOOST_CHECK(io.flags & EH_DRAINING);
    return eh_next(EH_KEEP);
  };
  BOOST_REQUIRE_EQUAL(far.connect(p.host, somewhere.text()), EH_OK);
  s.worker->drain();
  s.until([&] { return far.calls.size() == 2; });
  BOOST_CHECK_EQUAL(far.calls[0], "open");
  BOOST_CHECK_EQUAL(far.calls[1], "drain");
}

EPOLLHOST_TEST_EACH_TRIGGER(is_cut_off_with_the_others_while_connecting) {
  probe p;
  place silent(0);
  silent.fill();
  served s(p, trigger, [](auto& w) { w.drain_timeout = 5ms; });
  far_end far;
  BOOST_REQUIRE_EQUAL(far.connect(p.host, silent.text()), EH_OK);
  s.turn();
  s.worker->drain();
  s.until([&] { return far.over(); });
  BOOST_CHECK_EQUAL(far.reason, EH_REASON_DRAIN);
}

EPOLLHOST_TEST_EACH_TRIGGER(connects_from_run_on_and_only_checks_in_start) {
  probe p;
  far_end far;
  const place somewhere(5);
  p.start = [&] {
    BOOST_CHECK_EQUAL(far.connect(p.host, somewhere.text()), EH_UNSUPPORTED);
    BOOST_CHECK_EQUAL(far.check(p.host, somewhere.text()), EH_OK);
    BOOST_CHECK_EQUAL(far.check(p.host, "somewhere"), EH_INVALID);
    return 0;
  };
  served s(p, trigger);
  BOOST_CHECK_EQUAL(far.check(p.host, somewhere.text()), EH_OK);
  BOOST_CHECK_EQUAL(s.counters().connects, 0);
  far_end last;
  p.stop = [&] { BOOST_CHECK_EQUAL(last.connect(p.host, somewhere.text()), EH_UNSUPPORTED); };
  BOOST_CHECK_EQUAL(far.connect(p.host, somewhere.text()), EH_OK);
}

EPOLLHOST_TEST_EACH_TRIGGER(says_which_argument_is_wrong) {
  probe p;
  served s(p, trigger);
  eh_hooks hooks = far_end::hooks();
  const eh_connect good = {sizeof(eh_connect), 0, "127.0.0.1:80", 0, &hooks, 0, 0};
  const auto refused = [&](auto spoil, const char* field, const char* expected) {
    log_lines log;
    eh_connect how = good;
    const eh_hooks before = hooks;
    spoil(how);
    BOOST_CHECK_EQUAL(p.host->connect(p.host, &how, nullptr, nullptr), EH_INVALID);
    BOOST_CHECK_MESSAGE(log.with({"error", field, expected}) != "", field);
    hooks = before;
  };
  refused([](auto& h) { h.size = 47; }, "size is 47", "at least 48");
  refused([](auto& h) { h.flags = 2; }, "flags is 0x2", "EH_CONNECT_CHECK");
  refused([](auto& h) { h.timeout_ns = -1; }, "timeout_ns is -1", "0 for the default");
  refused([](auto& h) { h.address = nullptr; }, "address is null", "the text of an address");
  refused([](auto& h) { h.address = "localhost"; }, "\"localhost\" has no port", "name:80");
  refused([](auto& h) { h.address_len = 9; }, "\"127.0.0.1\" has no port", "name:80");
  refused([](auto& h) { h.hooks = nullptr; }, "hooks is null", "Point it at an eh_hooks");
  refused([&](auto&) { hooks.size = 8; }, "hooks->size is 8", "at least 72");
  refused([&](auto&) { hooks.data = nullptr; }, "hooks->data is null", "Write it");
  refused([&](auto&) { hooks.flags = 8; }, "hooks->flags is 0x8", "EH_DUPLEX");
  BOOST_CHECK_EQUAL(p.host->connect(p.host, nullptr, nullptr, nullptr), EH_INVALID);
  BOOST_CHECK_EQUAL(s.counters().connects, 0);
}

EPOLLHOST_TEST_EACH_TRIGGER(connects_from_inside_every_hook) {
  for (const probe_hook which : {probe_open, probe_data, probe_timer, probe_wake}) {
    probe p;
    served s(p, trigger);
    const place somewhere(5), refusing = nobody();
    far_end good, bad;
    const probe::hook act = [&](eh_io& io) {
      io.in_used = io.in_len;
      BOOST_CHECK_EQUAL(good.connect(p.host, somewhere.text()), EH_OK);
      BOOST_CHECK_EQUAL(bad.connect(p.host, refusing.text()), EH_OK);
      return eh_next(EH_KEEP);
    };
    if (which == probe_open)
      p.open = act;
    else
      p.open = [&](eh_io& io) {
        p.host->wake(p.host, io.conn, 1);
        p.host->timer_start(p.host, io.conn, 1, 1);
        return eh_next(EH_KEEP);
      };
    if (which == probe_data) p.data = act;
    if (which == probe_timer) p.timer = act;
    if (which == probe_wake) p.wake = act;
    client c(s.at());
    c.send("x");
    s.until([&] { return bad.over() && !good.calls.empty(); });
    BOOST_CHECK_EQUAL(good.calls[0], "open");
  }
}

BOOST_AUTO_TEST_CASE(does_nothing_on_another_thread) {
  probe p;
  served s(p, loop::trigger::edge);
  far_end far;
  eh_status status = EH_OK;
  std::thread([&] { status = far.connect(p.host, to_string(s.at())); }).join();
  BOOST_CHECK_EQUAL(status, EH_WRONG_THREAD);
}

// A class of its own for each side.
EPOLLHOST_TEST_EACH_TRIGGER(lets_a_class_connect_with_objects_of_another_class) {
  static const plugin_library caller = plugin_library::open(argument("caller.so"), false);
  const place somewhere(5), refusing = nobody();
  served s(caller, trigger, [&](auto& w) { w.values.at(0).text = somewhere.text(); });
  client c(s.at());
  c.send("connect " + somewhere.text() + "\n");
  std::string there;
  net::unique_fd peer;
  s.until([&] {
    if (!peer) {
      const net::result r = net::accept(somewhere.fd.get());
      if (r >= 0) peer.reset(int(r));
      return false;
    }
    char bytes[100];
    const net::result n = net::receive(peer.get(), bytes, sizeof bytes);
    if (n > 0) there.append(bytes, std::size_t(n));
    return there == "from its object";
  });
  BOOST_REQUIRE_EQUAL(net::send(peer.get(), "answer", 6), 6);
  s.receive(c, 7);
  BOOST_CHECK_EQUAL(c.received, "answer;");
  c.received.clear();
  c.send("connect " + refusing.text() + "\n");
  s.receive(c, 10);
  BOOST_CHECK_EQUAL(c.received, "reason 11 " + refusing.text() + ": Connection refused;");
  c.received.clear();
  c.send("throw " + somewhere.text() + "\n");
  s.receive(c, 7);
  BOOST_CHECK_EQUAL(c.received, "thrown;");
}

BOOST_AUTO_TEST_CASE(refuses_in_start_an_address_that_is_none) {
  static const plugin_library caller = plugin_library::open(argument("caller.so"), false);
  log_lines log;
  BOOST_CHECK_THROW(served(caller, loop::trigger::edge, [](auto& w) { w.values.at(0).text = "nowhere"; }),
                    plugin_refused);
  BOOST_CHECK_NE(log.with({"error", "\"nowhere\" has no port"}), "");
}

BOOST_AUTO_TEST_SUITE_END()
