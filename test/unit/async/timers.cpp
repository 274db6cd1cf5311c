// Distributed under the Boost Software License, Version 1.0.
// Tests steady_timer: never early, moved and cancelled at any time.
#include "scripted.hpp"

using namespace epollhost;
using namespace std::chrono_literals;
using test::fake_peer;
using test::scene;

namespace {

task<> note(steady_timer& timer, std::string& order, char name) {
  std::error_code ec;
  co_await timer.async_wait(ec);
  order += ec ? '!' : name;
}

} // namespace

BOOST_AUTO_TEST_SUITE(timers)

BOOST_AUTO_TEST_CASE(wakes_at_its_time_and_not_before) {
  scene s([](stream peer) -> task<> {
    steady_timer timer(peer, 1s);
    co_await timer.async_wait();
    co_await peer.async_write("now");
  });
  fake_peer& p = s.connect();
  s.advance(999'999'999ns);
  BOOST_CHECK_EQUAL(p.sent, "");
  s.advance(1ns);
  BOOST_CHECK_EQUAL(p.sent, "now");
}

BOOST_AUTO_TEST_CASE(wakes_all_that_wait_in_their_order) {
  std::string order;
  scene s([&](stream peer) -> task<> {
    steady_timer timer(peer, 1s);
    for (const char c : {'a', 'b', 'c'}) co_spawn(peer, note(timer, order, c));
    co_await peer.async_read_some();
  });
  s.connect();
  s.advance(1s);
  BOOST_CHECK_EQUAL(order, "abc");
}

BOOST_AUTO_TEST_CASE(says_how_many_waited_when_it_is_moved_or_cancelled) {
  std::string order;
  scene s([&](stream peer) -> task<> {
    steady_timer timer(peer, 1s);
    co_spawn(peer, note(timer, order, 'a'));
    co_spawn(peer, note(timer, order, 'b'));
    co_await post();
    BOOST_CHECK_EQUAL(timer.expires_after(1min), 2);
    BOOST_CHECK(order.empty());
    co_await post();
    BOOST_CHECK_EQUAL(order, "!!");
    BOOST_CHECK_EQUAL(timer.cancel(), 0);
    co_spawn(peer, note(timer, order, 'c'));
    co_await post();
    BOOST_CHECK_EQUAL(timer.cancel(), 1);
    co_await post();
    BOOST_CHECK_EQUAL(order, "!!!");
    co_await peer.async_read_some();
  });
  s.connect();
  BOOST_CHECK_EQUAL(s.pending_timers(), 0);
  BOOST_CHECK_EQUAL(order, "!!!");
}

BOOST_AUTO_TEST_CASE(never_comes_unless_it_is_told_when) {
  std::string order;
  scene s([&](stream peer) -> task<> {
    steady_timer event(peer), far(peer, std::chrono::nanoseconds::max());
    BOOST_CHECK(far.expiry() == steady_timer::time_point::max());
    co_spawn(peer, note(event, order, 'a'));
    co_await peer.async_read_some();
    event.cancel();
    co_await peer.async_read_some();
  });
  fake_peer& p = s.connect();
  BOOST_CHECK_EQUAL(s.pending_timers(), 0);
  s.advance(24h * 365);
  BOOST_CHECK_EQUAL(order, "");
  s.send(p, "x");
  BOOST_CHECK_EQUAL(order, "!");
}

BOOST_AUTO_TEST_CASE(has_its_moment_at_once_if_that_has_passed) {
  bool done = false;
  scene s([&](stream peer) -> task<> {
    steady_timer timer(peer);
    timer.expires_at(timer.now() - 1h);
    co_await timer.async_wait();
    timer.expires_after(-1h);
    co_await timer.async_wait();
    done = true;
  });
  s.connect();
  BOOST_CHECK(done);
}

BOOST_AUTO_TEST_CASE(ends_the_waiting_of_others_when_it_dies) {
  std::string order;
  scene s([&](stream peer) -> task<> {
    {
      steady_timer timer(peer, 1s);
      co_spawn(peer, note(timer, order, 'a'));
      co_await post();
    }
    co_await peer.async_read_some();
  });
  s.connect();
  BOOST_CHECK_EQUAL(order, "!");
  s.advance(1h);
}

BOOST_AUTO_TEST_CASE(runs_in_a_task_of_the_instance) {
  int beats = 0;
  scene s([](stream) -> task<> { co_return; },
          [&]() -> task<> {
            steady_timer beat(co_await this_coro::executor);
            for (;; ++beats) {
              beat.expires_after(1s);
              co_await beat.async_wait();
            }
          });
  for (int i = 0; i < 5; ++i) s.advance(1s);
  BOOST_CHECK_EQUAL(beats, 5);
}

// It belongs to the task that waits, whatever it was made with.
BOOST_AUTO_TEST_CASE(outlives_the_connection_that_it_was_made_with) {
  std::vector<stream> all;
  bool done = false;
  scene s([&](stream peer) -> task<> {
    all.push_back(peer);
    if (all.size() == 1) co_await peer.async_read_some();
    steady_timer timer(all[0], 1s);
    co_await timer.async_wait();
    done = true;
  });
  fake_peer& a = s.connect();
  s.connect();
  s.drop(a);
  s.advance(1s);
  BOOST_CHECK(done);
  all.clear();
}

BOOST_AUTO_TEST_SUITE_END()
