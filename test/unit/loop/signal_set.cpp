// Distributed under the Boost Software License, Version 1.0.
// Tests that signals reach the loop.
#include "loop/signal_set.hpp"

#include "support/watcher.hpp"

#include <boost/test/unit_test.hpp>

#include <signal.h>
#include <unistd.h>

#include <memory>
#include <thread>

using namespace epollhost;
using test::turn;
using ec = boost::system::error_code;

BOOST_AUTO_TEST_SUITE(signal_set)

BOOST_AUTO_TEST_CASE(delivers_the_number_of_the_signal_once_for_each_wait) {
  loop::io_context context;
  loop::signal_set set(context, {SIGUSR1, SIGUSR2});
  int got = 0, calls = 0;
  set.async_wait([&](ec, int s) { ++calls, got = s; });
  ::kill(::getpid(), SIGUSR2);
  turn(context);
  BOOST_CHECK_EQUAL(got, SIGUSR2);
  ::kill(::getpid(), SIGUSR1);
  turn(context);
  BOOST_CHECK_EQUAL(calls, 1);
  set.async_wait([&](ec, int s) { ++calls, got = s; });
  turn(context);
  BOOST_CHECK_EQUAL(got, SIGUSR1);
  BOOST_CHECK_EQUAL(calls, 2);
}

BOOST_AUTO_TEST_CASE(does_not_spin_on_a_signal_that_nobody_waits_for) {
  loop::io_context context;
  loop::signal_set set(context, {SIGUSR1});
  ::kill(::getpid(), SIGUSR1);
  test::watcher last(context);
  last.timer = [&] { context.stop(); };
  context.arm(last, context.refresh_now_ns() + 50'000'000);
  context.run();
  BOOST_CHECK_LE(context.counters().turns, 5);
  bool got = false;
  set.async_wait([&](ec, int) { got = true; });
  turn(context);
  BOOST_CHECK(got);
}

// LESSONS 1.15. Real-time signals are queued, so each one counts.
BOOST_AUTO_TEST_CASE(delivers_ten_thousand_signals) {
  constexpr int count = 10'000;
  loop::io_context context;
  loop::signal_set set(context, {SIGRTMIN});
  int got = 0;
  std::function<void(ec, int)> next = [&](ec, int) {
    if (++got == count) return context.stop();
    set.async_wait(next);
  };
  set.async_wait(next);
  std::thread sender([] {
    for (int i = 0; i < count;)
      if (::sigqueue(::getpid(), SIGRTMIN, {}) == 0)
        ++i;
      else
        std::this_thread::yield(); // the queue of the kernel is full
  });
  context.run();
  sender.join();
  turn(context);
  BOOST_CHECK_EQUAL(got, count);
}

BOOST_AUTO_TEST_CASE(may_die_inside_its_own_handler) {
  loop::io_context context;
  auto set = std::make_unique<loop::signal_set>(context, std::initializer_list<int>{SIGUSR1});
  bool got = false;
  set->async_wait([&](ec, int) {
    set.reset();
    got = true;
  });
  ::kill(::getpid(), SIGUSR1);
  turn(context);
  BOOST_CHECK(got);
  turn(context);
}

BOOST_AUTO_TEST_SUITE_END()
