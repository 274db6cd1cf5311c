// Distributed under the Boost Software License, Version 1.0.
// Tests how other threads reach tasks, and tasks of the instance.
#include "scripted.hpp"

#include <stdexcept>
#include <thread>

using namespace epollhost;
using namespace std::chrono_literals;
using test::fake_peer;
using test::scene;
using test::witness;

BOOST_AUTO_TEST_SUITE(posting)

BOOST_AUTO_TEST_CASE(runs_on_the_worker_what_another_thread_posts) {
  const std::thread::id here = std::this_thread::get_id();
  std::vector<std::thread> threads;
  scene s([&](stream peer) -> task<> {
    std::string answer;
    steady_timer answered(peer, 1h); // the answer's deadline
    threads.emplace_back([&, to = peer.get_executor()] {
      post(to, [&] {
        BOOST_CHECK(std::this_thread::get_id() == here);
        answer = "from a thread";
        answered.cancel();
      });
    });
    std::error_code ec;
    co_await answered.async_wait(ec);
    co_await peer.async_write(answer);
  });
  fake_peer& p = s.connect();
  for (std::thread& t : threads) t.join();
  s.run();
  BOOST_CHECK_EQUAL(p.sent, "from a thread");
}

BOOST_AUTO_TEST_CASE(spawns_from_another_thread) {
  std::optional<executor> to;
  scene s([&](stream peer) -> task<> {
    to = peer.get_executor();
    co_await peer.async_read_some();
  });
  fake_peer& p = s.connect();
  int steps = 0;
  std::thread([&] {
    co_spawn(*to, [](int& steps) -> task<> {
      ++steps;
      co_await post();
      ++steps;
    }(steps));
  }).join();
  BOOST_CHECK_EQUAL(steps, 0);
  s.run();
  BOOST_CHECK_EQUAL(steps, 2);
  BOOST_CHECK(!p.closed); // only its first task ends a connection
}

BOOST_AUTO_TEST_CASE(destroys_what_is_posted_to_a_connection_that_is_gone) {
  std::optional<executor> to;
  scene s([&](stream peer) -> task<> {
    to = peer.get_executor();
    co_await peer.async_read_some();
  });
  fake_peer& p = s.connect();
  s.drop(p);
  bool ran = false;
  BOOST_CHECK(post(*to, [&ran, w = witness()] { ran = true; }));
  BOOST_CHECK(co_spawn(*to, [](bool& ran, witness) -> task<> {
    ran = true;
    co_return;
  }(ran, {})));
  BOOST_CHECK_EQUAL(witness::alive, 2);
  s.run();
  BOOST_CHECK(!ran);
  BOOST_CHECK_EQUAL(witness::alive, 0);
}

BOOST_AUTO_TEST_CASE(says_when_there_is_no_memory_for_a_post) {
  std::optional<executor> to;
  scene s([&](stream peer) -> task<> {
    to = peer.get_executor();
    co_await peer.async_read_some();
  });
  s.connect();
  s.wake_answer = EH_NO_MEMORY;
  BOOST_CHECK(!post(*to, [w = witness()] {}));
  BOOST_CHECK(!co_spawn(*to, [](witness) -> task<> { co_return; }({})));
  BOOST_CHECK_EQUAL(witness::alive, 0);
}

BOOST_AUTO_TEST_CASE(goes_on_after_an_exception_in_a_task_of_the_instance) {
  int step = 0;
  std::optional<executor> to;
  scene s([](stream peer) -> task<> { co_await peer.async_read_some(); },
          [&]() -> task<> {
            to = co_await this_coro::executor;
            co_await post();
            ++step;
            throw std::runtime_error("thrown in run");
          });
  fake_peer& p = s.connect();
  BOOST_CHECK_EQUAL(step, 1);
  BOOST_REQUIRE_EQUAL(s.log_lines.size(), 1);
  BOOST_CHECK_EQUAL(s.log_lines[0], "a coroutine of the instance threw: thrown in run");
  post(*to, [&] { ++step; });
  s.run();
  BOOST_CHECK_EQUAL(step, 2);
  BOOST_CHECK(!p.closed);
}

BOOST_AUTO_TEST_CASE(tells_where_a_task_runs) {
  std::optional<executor> own, of_instance;
  scene s([&](stream peer) -> task<> {
    own = co_await this_coro::executor;
    BOOST_CHECK(*own == peer.get_executor());
    co_spawn(own->instance(),
             [](std::optional<executor>& e) -> task<> { e = co_await this_coro::executor; }(of_instance));
  });
  fake_peer& p = s.connect();
  BOOST_CHECK_EQUAL(own->id(), p.id);
  BOOST_REQUIRE(of_instance);
  BOOST_CHECK_EQUAL(of_instance->id(), 0);
  BOOST_CHECK(*of_instance == own->instance());
}

// A task of the instance waits for a connection: it hears of the end instead of being ended.
BOOST_AUTO_TEST_CASE(tells_a_task_of_the_instance_that_a_connection_is_gone) {
  for (const auto& [why, expected] :
       {std::pair(EH_REASON_RESET, std::errc::connection_reset), std::pair(EH_REASON_TIMEOUT, std::errc::timed_out),
        std::pair(EH_REASON_PLUGIN, std::errc::operation_canceled),
        std::pair(EH_REASON_DRAIN, std::errc::connection_aborted)}) {
    std::error_code ec;
    scene s([&](stream peer) -> task<> {
      co_spawn(peer.get_executor().instance(),
               [](stream peer, std::error_code& ec) -> task<> { co_await peer.async_read_some(ec); }(peer, ec));
      co_await peer.async_wait_drain();
    });
    fake_peer& p = s.connect();
    BOOST_CHECK(!ec);
    s.drop(p, eh_reason(why));
    BOOST_CHECK_MESSAGE(ec == expected, ec.message());
  }
}

BOOST_AUTO_TEST_SUITE_END()
