// Distributed under the Boost Software License, Version 1.0.
// Tests how connections are accepted, and that none takes the others' turns.
#include "support/few_descriptors.hpp"
#include "support/served.hpp"
#include "support/system_calls.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <vector>

using namespace epollhost;
using namespace std::chrono_literals;
using test::client;
using test::echo;
using test::few_descriptors;
using test::log_lines;
using test::probe;
using test::quiet_turns;
using test::refuse_epoll_add;
using test::served;

namespace {

using clients = std::vector<std::unique_ptr<client>>;

clients connect(served& s, std::size_t count) {
  clients all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(std::make_unique<client>(s.at()));
  return all;
}

} // namespace

BOOST_AUTO_TEST_SUITE(accepting)

// LESSONS 1.8.
EPOLLHOST_TEST_EACH_TRIGGER(serves_all_in_the_end_though_descriptors_run_out_and_does_not_spin_meanwhile) {
  log_lines log;
  probe p;
  echo(p);
  served s(p, trigger);
  clients all = connect(s, 20);
  {
    const few_descriptors limit(5);
    s.until([&] { return s.counters().accept_failures > 0; });
    BOOST_CHECK_EQUAL(p.opened.size(), 5);
    BOOST_CHECK_LE(s.rest(300ms), 10 * quiet_turns); // looks again after 10, 20, 40, 80, 100 ms
    BOOST_CHECK_EQUAL(p.opened.size(), 5);
    for (std::size_t i = 0; i < 5; ++i) { // those that are there are served
      all[i]->send("hello");
      s.receive(*all[i], 5);
    }
    for (std::size_t i = 0; i < 3; ++i) all[i]->close(); // the numbers of both ends are free then
    s.until([&] { return p.opened.size() >= 8; });
  }
  s.until([&] { return p.opened.size() == 20; });
  for (std::size_t i = 3; i < 20; ++i) {
    all[i]->received.clear();
    all[i]->send("world");
    s.receive(*all[i], 5);
    BOOST_CHECK_EQUAL(all[i]->received, "world");
  }
  std::size_t said = 0;
  for (const std::string& line : log.all()) said += line.find("cannot accept") != line.npos;
  BOOST_CHECK_GE(said, 1);
  BOOST_CHECK_LE(said, 3); // at most once a second
}

EPOLLHOST_TEST_EACH_TRIGGER(goes_on_when_the_kernel_refuses_to_watch_a_listener_again) {
  probe p;
  log_lines log;
  served s(p, trigger, [](worker_settings& w) { w.limits.max_connections = 1; });
  clients all = connect(s, 2);
  s.until([&] { return p.opened.size() == 1; });
  s.turn(); // the listener finds that it is full
  refuse_epoll_add(ENOSPC, 2);
  all[0]->close();
  s.until([&] { return p.opened.size() == 2; });
  BOOST_CHECK_EQUAL(s.counters().accept_failures, 2);
  BOOST_REQUIRE_EQUAL(log.all().size(), 1);
  BOOST_CHECK_NE(log.all()[0].find("Raise fs.epoll.max_user_watches"), std::string::npos);
}

EPOLLHOST_TEST_EACH_TRIGGER(keeps_to_the_most_connections_and_lets_the_rest_wait) {
  probe p;
  echo(p);
  served s(p, trigger, [](auto& w) { w.limits.max_connections = 3; });
  clients all = connect(s, 10);
  for (std::size_t gone = 0; gone < 7; ++gone) {
    s.until([&] { return p.opened.size() == 3 + gone; });
    BOOST_CHECK_LE(s.rest(10ms), quiet_turns);
    BOOST_CHECK_EQUAL(s.worker->open_connections(), 3);
    BOOST_CHECK_EQUAL(p.opened.size(), 3 + gone);
    all[gone]->close();
  }
  s.until([&] { return p.opened.size() == 10; });
  all[9]->send("last");
  s.receive(*all[9], 4);
}

EPOLLHOST_TEST_EACH_TRIGGER(accepts_no_more_than_its_batch_in_a_turn) {
  probe p;
  served s(p, trigger, [](auto& w) { w.limits.accept_batch = 10; });
  const clients all = connect(s, 35);
  std::size_t before = 0;
  s.until([&] {
    BOOST_CHECK_LE(p.opened.size() - before, 10);
    before = p.opened.size();
    return before == 35;
  });
}

EPOLLHOST_TEST_EACH_TRIGGER(tells_open_which_listener_it_was) {
  probe p;
  std::vector<std::uint64_t> args;
  p.open = [&](eh_io& io) {
    args.push_back(io.arg);
    return eh_next(EH_KEEP);
  };
  served s(p, trigger, [](auto& w) { w.listen = {test::any_port(), test::any_unix(), test::any_port()}; });
  for (const std::size_t i : {2, 0, 1}) {
    const std::size_t before = args.size();
    const client c(s.at(i));
    s.until([&] { return args.size() > before; });
  }
  BOOST_CHECK((args == std::vector<std::uint64_t>{2, 0, 1}));
}

// DESIGN 3: one speculative read; a connection that is answered and closed at once never enters epoll.
EPOLLHOST_TEST_EACH_TRIGGER(answers_a_request_that_was_there_in_the_turn_of_its_accept) {
  probe p;
  echo(p);
  served s(p, trigger);
  client c(s.at());
  c.send("early");
  s.turn();
  c.receive();
  BOOST_CHECK_EQUAL(c.received, "early");
}

// LESSONS 1.11.
EPOLLHOST_TEST_EACH_TRIGGER(lets_a_fast_sender_starve_nobody) {
  probe p;
  echo(p);
  std::uint64_t blasted = 0;
  eh_conn_id fast = 0;
  p.data = [&](eh_io& io) {
    if (io.conn == fast) {
      blasted += io.in_len;
      io.in_used = io.in_len;
    } else {
      io.out[0] = io.in[0];
      io.in_used = io.out_used = 1;
    }
    return eh_next(EH_KEEP);
  };
  served s(p, trigger);
  client blaster(s.at());
  s.until([&] { return p.opened.size() == 1; });
  fast = p.opened[0];
  clients others = connect(s, 100);
  s.until([&] { return p.opened.size() == 101; });
  const std::string flood(4 << 20, 'x');
  for (int round = 0; round < 20; ++round) {
    for (auto& c : others) c->send("?");
    std::size_t answered = 0;
    for (int turn = 0; turn < 2; ++turn) { // in the next turn, or, if the ready queue came first, the one after
      blaster.send_some(flood);
      const std::uint64_t before = blasted;
      s.turn();
      BOOST_REQUIRE_LE(blasted - before, 2 * limits().turn_bytes + 2 * connection_context::receive_bytes);
    }
    for (auto& c : others) {
      c->receive();
      answered += c->received.size() == std::size_t(round) + 1;
    }
    BOOST_REQUIRE_EQUAL(answered, 100);
  }
  BOOST_CHECK_GT(blasted, 5 << 20);
}

// A plugin that takes its input in small bites has a bound of calls a turn.
EPOLLHOST_TEST_EACH_TRIGGER(bounds_the_calls_of_one_connection_in_a_turn) {
  probe p;
  std::string got;
  p.data = [&](eh_io& io) {
    got += io.in[0];
    io.in_used = 1;
    return eh_next(EH_KEEP);
  };
  served s(p, trigger);
  client c(s.at());
  s.until([&] { return p.opened.size() == 1; });
  const std::string all = test::pattern(10'000);
  c.send(all);
  std::size_t before = 0;
  s.until([&] {
    BOOST_CHECK_LE(got.size() - before, 2 * limits().turn_calls);
    before = got.size();
    return got.size() == all.size();
  });
  BOOST_CHECK(got == all);
}

BOOST_AUTO_TEST_SUITE_END()
