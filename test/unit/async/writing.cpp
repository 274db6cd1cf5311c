// Distributed under the Boost Software License, Version 1.0.
// Tests writing in a coroutine: order, back-pressure, views of input, and who takes no more.
#include "scripted.hpp"

using namespace epollhost;
using namespace std::chrono_literals;
using test::fake_peer;
using test::numbered;
using test::scene;

namespace {

task<> write_and_count(stream peer, std::string bytes, int& done) {
  co_await peer.async_write(bytes);
  ++done;
}

} // namespace

BOOST_AUTO_TEST_SUITE(writing)

BOOST_AUTO_TEST_CASE(completes_at_once_below_the_high_mark) {
  int done = 0;
  scene s([&](stream peer) -> task<> {
    for (; done < 10; ++done) co_await peer.async_write(std::string(scene::output_high / 10, 'x'));
    co_await peer.async_read_some();
  });
  fake_peer& p = s.connect();
  BOOST_CHECK_EQUAL(done, 10);
  BOOST_CHECK_EQUAL(p.calls, 1);
  BOOST_CHECK_EQUAL(p.sent.size(), scene::output_high);
}

BOOST_AUTO_TEST_CASE(waits_above_the_high_mark_until_the_peer_has_read) {
  int done = 0;
  const std::string chunk(10'000, 'x');
  scene s([&](stream peer) -> task<> {
    co_await peer.async_read_some(); // so that the peer is known not to read
    for (;; ++done) co_await peer.async_write(chunk);
  });
  fake_peer& p = s.connect();
  p.reads = false;
  s.send(p, "go");
  BOOST_CHECK_EQUAL(done, 10); // the eleventh has passed the mark
  BOOST_CHECK_EQUAL(p.queued.size(), 110'000);
  s.read(p, 50'000); // not yet below the low mark
  BOOST_CHECK_EQUAL(done, 10);
  s.read(p, 50'000);
  BOOST_CHECK_EQUAL(done, 20);
  BOOST_CHECK_EQUAL(p.queued.size(), 110'000);
}

BOOST_AUTO_TEST_CASE(waits_also_where_each_hook_writes_little) {
  int done = 0;
  scene s([&](stream peer) -> task<> {
    co_await peer.async_read_some();
    steady_timer beat(peer);
    for (const std::string message(1000, 'x');; ++done) {
      co_await peer.async_write(message);
      beat.expires_after(1ms);
      co_await beat.async_wait();
    }
  });
  fake_peer& p = s.connect();
  p.reads = false;
  s.send(p, "go");
  for (int i = 0; i < 500; ++i) s.advance(1ms);
  BOOST_CHECK_EQUAL(done, 101); // that one has passed the mark, and the next one waits
  BOOST_CHECK_EQUAL(p.queued.size(), 102'000);
  p.reads = true;
  s.read(p);
  for (int i = 0; i < 100; ++i) s.advance(1ms);
  BOOST_CHECK_EQUAL(done, 201);
}

BOOST_AUTO_TEST_CASE(writes_what_is_larger_than_all_limits_in_pieces) {
  const std::string all = numbered(10 * scene::output_max);
  bool done = false;
  scene s([&](stream peer) -> task<> {
    co_await peer.async_read_some();
    co_await peer.async_write(all);
    done = true;
  });
  fake_peer& p = s.connect();
  p.reads = false;
  s.send(p, "go");
  while (!done) {
    BOOST_REQUIRE_LE(p.queued.size(), scene::output_high + EH_OUT_MIN);
    s.read(p, 70'000);
  }
  s.read(p);
  BOOST_CHECK(p.sent == all);
}

// One view is taken in part: the rest must not be read where the input was.
BOOST_AUTO_TEST_CASE(copies_a_view_of_input_before_it_waits) {
  scene s([&](stream peer) -> task<> {
    while (const auto some = co_await peer.async_read(90'000)) {
      co_await peer.async_write(*some); // more than the window: goes to the queue
      co_await peer.async_write(*some); // and beyond the high mark. Both are the same view: nothing has waited yet
    }
  });
  fake_peer& p = s.connect();
  p.reads = false;
  const std::string in = numbered(90'000);
  s.send(p, in);
  BOOST_CHECK_LT(p.queued.size(), 180'000);
  while (!p.queued.empty()) s.read(p, 60'000);
  BOOST_CHECK(p.sent == in + in);
}

BOOST_AUTO_TEST_CASE(keeps_the_order_of_several_tasks) {
  int done = 0;
  scene s([&](stream peer) -> task<> {
    co_await peer.async_read_some();
    for (const char c : {'a', 'b', 'c'}) co_spawn(peer, write_and_count(peer, std::string(120'000, c), done));
    co_await peer.async_read_some();
  });
  fake_peer& p = s.connect();
  p.reads = false;
  s.send(p, "go");
  BOOST_CHECK_EQUAL(done, 0);
  for (int i = 1; i <= 3; ++i) {
    while (done < i && !p.queued.empty()) s.read(p, 30'000);
    BOOST_CHECK_EQUAL(done, i);
  }
  s.read(p);
  BOOST_CHECK(p.sent == std::string(120'000, 'a') + std::string(120'000, 'b') + std::string(120'000, 'c'));
}

BOOST_AUTO_TEST_CASE(writes_to_a_connection_that_is_not_in_hand) {
  std::vector<stream> all;
  scene s([&](stream peer) -> task<> {
    all.push_back(peer);
    while (const auto some = co_await peer.async_read_some())
      for (const stream& other : all)
        if (other.is_open()) co_await other.async_write(*some); // one view, for all
  });
  fake_peer &a = s.connect(), &b = s.connect(), &c = s.connect();
  s.send(b, "hello");
  s.drop(a);
  s.send(c, " world");
  BOOST_CHECK_EQUAL(a.sent, "hello");
  BOOST_CHECK_EQUAL(b.sent, "hello world");
  BOOST_CHECK_EQUAL(c.sent, "hello world");
  all.clear();
}

// The view belongs to the connection in hand, the write to another one, which takes no more.
BOOST_AUTO_TEST_CASE(copies_a_view_before_it_waits_for_another_connection) {
  std::vector<stream> all;
  scene s([&](stream peer) -> task<> {
    all.push_back(peer);
    while (const auto some = co_await peer.async_read(80'000)) co_await all[0].async_write(*some);
  });
  fake_peer &a = s.connect(), &b = s.connect();
  a.reads = false;
  std::string in = numbered(240'000);
  s.send(b, in);
  BOOST_CHECK_LE(a.queued.size(), scene::output_high + EH_OUT_MIN);
  while (!a.queued.empty()) s.read(a, 60'000);
  BOOST_CHECK(a.sent == in);
  all.clear();
}

BOOST_AUTO_TEST_CASE(fails_when_the_connection_has_gone_meanwhile) {
  std::error_code during, after;
  std::vector<stream> all;
  scene s([&](stream peer) -> task<> {
    all.push_back(peer);
    co_await peer.async_wait_drain();
  });
  fake_peer &a = s.connect(), &b = s.connect();
  a.reads = false;
  co_spawn(all[1].get_executor(), [](stream to, std::error_code& during, std::error_code& after) -> task<> {
    co_await to.async_write(std::string(300'000, 'x'), during);
    co_await to.async_write("more", after);
  }(all[0], during, after));
  s.run();
  BOOST_CHECK(!during);
  s.drop(a, EH_REASON_RESET);
  BOOST_CHECK(during == std::errc::connection_reset);
  BOOST_CHECK(after == std::errc::connection_reset);
  BOOST_CHECK(!b.closed);
  all.clear();
}

BOOST_AUTO_TEST_CASE(finishes_after_what_was_written_and_goes_on_reading) {
  std::error_code late;
  std::string heard;
  scene s([&](stream peer) -> task<> {
    co_await peer.async_write("all");
    peer.finish();
    co_await peer.async_write("more", late);
    while (const auto some = co_await peer.async_read_some()) heard += *some;
  });
  fake_peer& p = s.connect();
  BOOST_CHECK(p.fin_seen);
  BOOST_CHECK_EQUAL(p.sent, "all");
  BOOST_CHECK(late == std::errc::broken_pipe);
  s.send(p, "answer");
  BOOST_CHECK_EQUAL(heard, "answer");
  BOOST_CHECK(!p.closed);
  s.end(p);
  BOOST_CHECK(p.closed);
}

// What waits for room goes before the FIN.
BOOST_AUTO_TEST_CASE(finishes_behind_a_write_that_waits) {
  int done = 0;
  scene s([&](stream peer) -> task<> {
    co_await peer.async_read_some();
    co_spawn(peer, write_and_count(peer, numbered(300'000), done));
    co_await post();
    peer.finish();
    co_await peer.async_read_some();
  });
  fake_peer& p = s.connect();
  p.reads = false;
  s.send(p, "go");
  while (!p.fin_seen) s.read(p, 60'000);
  BOOST_CHECK(p.sent == numbered(300'000));
  BOOST_CHECK_EQUAL(done, 1);
}

BOOST_AUTO_TEST_CASE(closes_after_what_was_written_when_the_task_ends) {
  scene s([](stream peer) -> task<> { co_await peer.async_write("bye"); });
  fake_peer& p = s.connect();
  BOOST_CHECK_EQUAL(p.sent, "bye");
  BOOST_CHECK(p.fin_seen);
  BOOST_CHECK(p.closed);
  BOOST_CHECK_EQUAL(p.reason, EH_REASON_PLUGIN);
}

BOOST_AUTO_TEST_CASE(goes_on_writing_after_the_end_of_input) {
  scene s([](stream peer) -> task<> {
    while (co_await peer.async_read_some()) {
    }
    for (int i = 0; i < 3; ++i) {
      steady_timer later(peer, 1s);
      co_await later.async_wait();
      co_await peer.async_write("late ");
    }
  });
  fake_peer& p = s.connect();
  s.send(p, "x");
  s.end(p);
  for (int i = 0; i < 3; ++i) s.advance(1s);
  BOOST_CHECK_EQUAL(p.sent, "late late late ");
  BOOST_CHECK(p.closed);
}

BOOST_AUTO_TEST_SUITE_END()
