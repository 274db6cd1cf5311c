// Distributed under the Boost Software License, Version 1.0.
// Tests what a request costs: system calls and allocations.
#include "support/served.hpp"
#include "support/system_calls.hpp"

#include <boost/test/unit_test.hpp>

#include <memory>
#include <vector>

using namespace epollhost;
using test::call_counts;
using test::client;
using test::counts;
using test::probe;
using test::served;

namespace {

#ifdef EPOLLHOST_SANITIZED
constexpr int requests = 2'000;
#else
constexpr int requests = 10'000;
#endif

// Answers each line with itself.
void lines(probe& p, eh_next answer = EH_KEEP) {
  p.data = [answer](eh_io& io) {
    const std::string_view in(io.in, io.in_len);
    const std::size_t end = in.find('\n');
    if (end == in.npos) return eh_next(EH_KEEP);
    in.copy(io.out, end + 1);
    io.in_used = io.out_used = end + 1;
    return answer;
  };
}

void counted_turn(served& s) {
  test::counting(true);
  s.turn();
  test::counting(false);
}

// Turns, counted, until the client has so many bytes.
void exchange(served& s, client& c, std::string_view request, std::size_t answer) {
  c.send(request);
  const std::size_t before = c.received.size();
  do {
    counted_turn(s);
    c.receive();
  } while (c.received.size() < before + answer);
  c.received.clear();
}

} // namespace

BOOST_AUTO_TEST_SUITE(costs)

BOOST_AUTO_TEST_CASE(makes_one_recv_and_one_send_for_a_request_and_no_epoll_ctl) {
  probe p;
  lines(p);
  served s(p, loop::trigger::edge);
  client c(s.at());
  exchange(s, c, "warm up\n", 8);
  s.turn();
  counts() = {};
  for (int i = 0; i < 1000; ++i) exchange(s, c, "request\n", 8);
  const call_counts n = counts();
  BOOST_CHECK_EQUAL(n.recv, 1000);
  BOOST_CHECK_EQUAL(n.send, 1000);
  BOOST_CHECK_LE(n.epoll_wait, 1000);
  BOOST_CHECK_EQUAL(n.epoll_ctl, 0);
  BOOST_CHECK_EQUAL(n.accept, 0);
}

BOOST_AUTO_TEST_CASE(shares_one_epoll_wait_among_all_that_are_ready) {
  probe p;
  lines(p);
  served s(p, loop::trigger::edge);
  std::vector<std::unique_ptr<client>> all;
  for (int i = 0; i < 50; ++i) all.push_back(std::make_unique<client>(s.at()));
  s.until([&] { return p.opened.size() == 50; });
  s.turn();
  counts() = {};
  for (auto& c : all) c->send("request\n");
  counted_turn(s);
  for (auto& c : all) {
    c->receive();
    BOOST_CHECK_EQUAL(c->received, "request\n");
  }
  BOOST_CHECK_EQUAL(counts().epoll_wait, 1);
  BOOST_CHECK_EQUAL(counts().recv, 50);
  BOOST_CHECK_EQUAL(counts().send, 50);
  BOOST_CHECK_EQUAL(counts().epoll_ctl, 0);
}

BOOST_AUTO_TEST_CASE(makes_one_recv_and_one_send_for_a_pipelined_batch) {
  probe p;
  lines(p);
  served s(p, loop::trigger::edge);
  client c(s.at());
  exchange(s, c, "warm up\n", 8);
  std::string batch;
  for (int i = 0; i < 50; ++i) batch += "request\n";
  counts() = {};
  exchange(s, c, batch, batch.size());
  BOOST_CHECK_EQUAL(counts().recv, 1);
  BOOST_CHECK_EQUAL(counts().send, 1);
}

BOOST_AUTO_TEST_CASE(makes_one_send_for_each_hook_where_the_policy_is_now) {
  probe p;
  lines(p);
  served s(p, loop::trigger::edge, [](auto& w) { w.policy = write_policy::now; });
  client c(s.at());
  exchange(s, c, "warm up\n", 8);
  counts() = {};
  exchange(s, c, "1\n2\n3\n", 6);
  BOOST_CHECK_EQUAL(counts().recv, 1);
  BOOST_CHECK_EQUAL(counts().send, 3);
}

BOOST_AUTO_TEST_CASE(never_enters_epoll_with_a_connection_that_is_answered_and_closed_at_once) {
  probe p;
  lines(p, EH_CLOSE);
  served s(p, loop::trigger::edge);
  std::vector<std::unique_ptr<client>> all;
  for (int i = 0; i < 20; ++i) {
    all.push_back(std::make_unique<client>(s.at()));
    all.back()->send("request\n");
  }
  counts() = {};
  for (int i = 0; i < 5; ++i) counted_turn(s); // 1, 2, 4, 8 are accepted, and those that are left
  BOOST_CHECK_EQUAL(counts().accept, 21);      // the last one finds nobody
  BOOST_CHECK_EQUAL(counts().recv, 40);        // the request, and whether more came: then a close would be a reset
  BOOST_CHECK_EQUAL(counts().send, 20);
  BOOST_CHECK_EQUAL(counts().close, 20);
  BOOST_CHECK_EQUAL(counts().epoll_ctl, 0);
  for (auto& c : all) {
    s.receive_end(*c);
    BOOST_CHECK_EQUAL(c->received, "request\n");
    BOOST_CHECK(c->ended);
  }
}

// One that finds nobody costs more than the wait that would have told so.
BOOST_AUTO_TEST_CASE(seldom_asks_for_a_connection_in_vain_where_they_come_one_by_one) {
  probe p;
  lines(p, EH_CLOSE);
  served s(p, loop::trigger::edge);
  constexpr std::uint64_t all = 320;
  counts() = {};
  for (std::uint64_t i = 0; i < all; ++i) {
    client c(s.at());
    c.send("request\n");
    counted_turn(s);
  }
  BOOST_CHECK_GE(counts().accept, all);
  BOOST_CHECK_LE(counts().accept, all + all / accept_quota::patience_most + 5);
}

EPOLLHOST_TEST_EACH_TRIGGER(allocates_nothing_in_the_steady_state) {
  probe p;
  lines(p);
  served s(p, trigger);
  client c(s.at());
  for (int i = 0; i < 10; ++i) exchange(s, c, "warm up\n", 8);
  counts() = {};
  for (int i = 0; i < requests; ++i) exchange(s, c, "request\n", 8);
  BOOST_CHECK_EQUAL(counts().allocations, 0);
  test::counting(true); // and that the counting works
  {
    const std::unique_ptr<int> one(new int(1));
    BOOST_REQUIRE(*one == 1);
  }
  test::counting(false);
  BOOST_CHECK_GE(counts().allocations, 1);
}

// Halves of requests, answers that wait, timers: all out of the pool after a first round.
EPOLLHOST_TEST_EACH_TRIGGER(allocates_nothing_for_tails_queues_timers_and_posts_that_come_again) {
  probe p;
  const std::string big(400'000, 'b');
  p.data = [&](eh_io& io) {
    if (std::string_view(io.in, io.in_len).find('\n') == std::string_view::npos) return eh_next(EH_KEEP);
    io.in_used = io.in_len;
    io.deadline_ns = io.now_ns + 1'000'000'000;
    const std::int64_t timer = p.host->timer_start(p.host, io.conn, io.now_ns + 1'000'000'000, 1);
    p.host->timer_stop(p.host, timer);
    p.host->wake(p.host, io.conn, 1);
    p.host->write(p.host, io.conn, big.data(), big.size());
    return eh_next(EH_KEEP);
  };
  served s(p, trigger);
  client c(s.at());
  c.received.reserve(4 * big.size());
  for (int i = 0; i < 100; ++i) {
    if (i == 20) counts() = {};
    c.send("half ");
    counted_turn(s);
    exchange(s, c, "whole\n", big.size());
  }
  BOOST_CHECK_EQUAL(counts().allocations, 0);
}

EPOLLHOST_TEST_EACH_TRIGGER(allocates_nothing_for_connections_that_come_and_go) {
  probe p;
  lines(p, EH_CLOSE);
  p.open = [&](eh_io& io) {
    BOOST_REQUIRE_GT(p.host->timer_start(p.host, io.conn, io.now_ns + 1'000'000'000, 1), 0);
    return eh_next(EH_KEEP);
  };
  p.opened.reserve(5000);
  p.closed.reserve(5000);
  served s(p, trigger);
  for (int i = 0; i < 1000; ++i) {
    if (i == 20) counts() = {};
    client c(s.at());
    exchange(s, c, "request\n", 8);
    while (p.closed.size() < p.opened.size()) counted_turn(s);
  }
  BOOST_CHECK_EQUAL(counts().allocations, 0);
}

BOOST_AUTO_TEST_SUITE_END()
