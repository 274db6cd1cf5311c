// Distributed under the Boost Software License, Version 1.0.
// Tests what a plugin may ask of connections that it makes, from where, and how many of them.
#include "place.hpp"
#include "support/far_end.hpp"
#include "support/served.hpp"

#include "worker/plugin_refused.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <list>
#include <thread>

using namespace epollhost;
using namespace std::chrono_literals;
using test::argument;
using test::client;
using test::far_end;
using test::log_lines;
using test::nobody;
using test::place;
using test::probe;
using test::served;

namespace {

void release_flag(void* flag) { *static_cast<bool*>(flag) = true; }

} // namespace

BOOST_AUTO_TEST_SUITE(connecting_calls)

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
