// Distributed under the Boost Software License, Version 1.0.
// Tests the loop's tasks, ids and ready queue.
#include "loop/io_context.hpp"

#include "support/watch.hpp"
#include "support/watcher.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <memory>
#include <set>
#include <thread>
#include <vector>

using namespace epollhost;
using test::turn;
using test::watcher;

namespace {

#ifdef EPOLLHOST_SANITIZED
constexpr unsigned posts = 100'000;
#else
constexpr unsigned posts = 1'000'000;
#endif

} // namespace

BOOST_AUTO_TEST_SUITE(io_context)

BOOST_AUTO_TEST_CASE(runs_tasks_in_the_order_of_posting) {
  loop::io_context context;
  std::vector<int> order;
  for (int i = 0; i < 1000; ++i) context.post([&order, i] { order.push_back(i); });
  turn(context);
  BOOST_REQUIRE_EQUAL(order.size(), 1000);
  for (int i = 0; i < 1000; ++i) BOOST_REQUIRE_EQUAL(order[std::size_t(i)], i);
}

BOOST_AUTO_TEST_CASE(never_runs_a_task_inside_post) {
  loop::io_context context;
  bool inside = false, ran_inside = false, ran = false;
  context.post([&] {
    inside = true;
    context.post([&] { ran = true, ran_inside = inside; });
    inside = false;
  });
  turn(context);
  turn(context);
  BOOST_CHECK(ran);
  BOOST_CHECK(!ran_inside);
}

BOOST_AUTO_TEST_CASE(runs_every_one_of_a_million_posts_from_other_threads_in_their_order) {
  loop::io_context context;
  constexpr unsigned senders = 4, each = posts / senders;
  std::array<unsigned, senders> next{};
  unsigned wrong = 0, done = 0;
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < senders; ++t)
    threads.emplace_back([&, t] {
      for (unsigned i = 0; i < each; ++i)
        context.post([&, t, i] {
          if (next[t]++ != i) ++wrong;
          if (++done == senders * each) context.stop();
        });
    });
  context.run(); // blocks whenever it has caught up: a lost wake-up ends in the test's deadline
  for (auto& t : threads) t.join();
  BOOST_CHECK_EQUAL(done, senders * each);
  BOOST_CHECK_EQUAL(wrong, 0);
}

// Each post meets a loop that is about to sleep: the narrowest window for a lost wake-up.
BOOST_AUTO_TEST_CASE(wakes_for_each_single_post_while_it_blocks) {
  loop::io_context context;
  constexpr unsigned rounds = posts / 50;
  std::atomic<unsigned> answered{0};
  std::thread other([&] {
    for (unsigned i = 0; i < rounds; ++i) {
      context.post([&] { answered.fetch_add(1), answered.notify_one(); });
      answered.wait(i);
    }
    context.stop();
  });
  context.run();
  other.join();
  BOOST_CHECK_EQUAL(answered.load(), rounds);
}

BOOST_AUTO_TEST_CASE(makes_one_wake_up_of_many_posts_that_nobody_has_looked_at) {
  loop::io_context context;
  std::thread([&] {
    for (int i = 0; i < 1000; ++i) context.post([] {});
  }).join();
  turn(context);
  BOOST_CHECK_LE(context.counters().events, 1);
}

BOOST_AUTO_TEST_CASE(stays_asleep_once_a_wake_up_was_seen) {
  loop::io_context context;
  std::thread([&] { context.post([] {}); }).join();
  turn(context);
  watcher last(context);
  last.timer = [&] { context.stop(); };
  context.arm(last, context.refresh_now_ns() + 50'000'000);
  const auto before = context.counters().turns;
  context.run();
  BOOST_CHECK_LE(context.counters().turns - before, 4);
}

BOOST_AUTO_TEST_CASE(dispatches_at_once_on_its_own_thread_and_posts_from_another) {
  loop::io_context context;
  BOOST_CHECK(!context.running_in_this_thread());
  bool at_once = false, later = false;
  context.dispatch([&] { later = true; }); // nobody is in run(): it waits
  BOOST_CHECK(!later);
  context.post([&] {
    BOOST_CHECK(context.running_in_this_thread());
    context.dispatch([&] { at_once = true; });
    BOOST_CHECK(at_once);
  });
  turn(context);
  BOOST_CHECK(at_once && later);
  bool elsewhere = true;
  std::thread([&] { elsewhere = context.running_in_this_thread(); }).join();
  BOOST_CHECK(!elsewhere);
}

BOOST_AUTO_TEST_CASE(runs_again_after_a_stop_and_keeps_what_was_posted_meanwhile) {
  loop::io_context context;
  int ran = 0;
  context.stop();
  context.run();
  context.post([&] { ++ran; });
  turn(context);
  context.post([&] { ++ran; });
  turn(context);
  BOOST_CHECK_EQUAL(ran, 2);
}

BOOST_AUTO_TEST_CASE(ends_run_when_the_ready_queue_stops_it_with_nothing_else_to_do) {
  loop::io_context context;
  watcher object(context);
  object.ready = [&] { context.stop(); };
  context.make_ready(object);
  context.run(); // the deadline of the test ends it otherwise
  BOOST_CHECK(!context.running_in_this_thread());
}

BOOST_AUTO_TEST_CASE(ends_run_when_another_thread_stops_it) {
  loop::io_context context;
  for (int i = 0; i < 200; ++i) {
    std::thread other([&] { context.stop(); });
    context.run();
    other.join();
  }
  BOOST_CHECK(!context.running_in_this_thread());
}

BOOST_AUTO_TEST_CASE(ends_run_when_it_is_stopped_from_within_whatever_it_calls) {
  loop::io_context context;
  watcher w(context);
  w.ready = w.timer = [&] { context.stop(); };
  context.post([&] { context.make_ready(w); });
  context.run();
  context.post([&] { context.arm(w, 1); });
  context.run();
  context.post([&] { context.stop(); });
  context.run();
  test::socket_pair pair;
  watcher reader(context, std::move(pair.ours));
  BOOST_REQUIRE(!reader.watch());
  reader.event = [&](std::uint32_t) { context.stop(); };
  BOOST_REQUIRE_EQUAL(::send(pair.theirs.get(), "x", 1, 0), 1);
  context.run();
  BOOST_CHECK_EQUAL(w.readies + w.timers + reader.events, 3);
}

BOOST_AUTO_TEST_CASE(keeps_the_stack_flat_however_often_a_task_posts_itself) {
  loop::io_context context;
  unsigned left = posts / 10;
  const char* lowest = nullptr;
  const char* highest = nullptr;
  std::function<void()> again = [&] {
    // Not the address of a variable: the address sanitizer has these elsewhere.
    const char* const at = static_cast<const char*>(__builtin_frame_address(0));
    lowest = lowest ? std::min(lowest, at) : at;
    highest = std::max(highest, at);
    if (left-- == 0) return context.stop();
    context.post([&] { again(); });
  };
  context.post([&] { again(); });
  context.run();
  BOOST_CHECK_LE(highest - lowest, 64 * 1024);
}

BOOST_AUTO_TEST_CASE(lets_a_ready_object_run_once_a_turn_though_it_asks_each_time) {
  loop::io_context context;
  watcher greedy(context), other(context);
  greedy.ready = [&] { context.make_ready(greedy); };
  context.make_ready(greedy);
  context.make_ready(greedy);
  for (unsigned i = 1; i <= 10; ++i) {
    context.make_ready(other);
    turn(context);
    BOOST_CHECK_EQUAL(greedy.readies, i);
    BOOST_CHECK_EQUAL(other.readies, i);
  }
}

BOOST_AUTO_TEST_CASE(does_not_call_an_object_that_another_one_of_the_same_turn_has_forgotten) {
  loop::io_context context;
  for (int victim = 0; victim < 5; ++victim) {
    std::vector<std::unique_ptr<watcher>> all;
    unsigned called = 0;
    for (int i = 0; i < 5; ++i) {
      all.push_back(std::make_unique<watcher>(context));
      all.back()->ready = [&, i] {
        ++called;
        if (i != victim) all[std::size_t(victim)].reset(); // the first one that is called does it
      };
    }
    for (auto& w : all) context.make_ready(*w);
    turn(context);
    BOOST_CHECK_EQUAL(called, victim == 0 ? 5u : 4u);
  }
}

BOOST_AUTO_TEST_CASE(finds_an_object_by_its_id_until_it_is_forgotten) {
  loop::io_context context;
  auto a = std::make_unique<watcher>(context);
  const loop::object_id id = a->id();
  BOOST_CHECK_NE(id, 0);
  BOOST_CHECK(context.find(id) == a.get());
  context.expire_id(*a);
  BOOST_CHECK(context.find(id) == nullptr);
  a.reset();
  BOOST_CHECK(context.find(id) == nullptr);
}

BOOST_AUTO_TEST_CASE(never_gives_an_id_twice_though_its_slot_is_used_again) {
  loop::io_context context;
  std::set<loop::object_id> ids;
  constexpr std::uint64_t slot = (1 << 24) - 1;
  std::uint64_t first_slot = 0;
  for (int i = 0; i < 10'000; ++i) {
    const watcher w(context);
    if (i == 0) first_slot = w.id() & slot;
    BOOST_REQUIRE_EQUAL(w.id() & slot, first_slot);
    BOOST_REQUIRE(ids.insert(w.id()).second);
  }
  for (const auto id : ids) BOOST_REQUIRE(context.find(id) == nullptr);
}

BOOST_AUTO_TEST_CASE(answers_null_for_ids_that_never_were) {
  loop::io_context context;
  const watcher w(context);
  for (const auto forged : std::initializer_list<loop::object_id>{
           0, w.id() + 1, w.id() + (1ull << 24), w.id() ^ (1ull << 63), ~0ull, (1 << 24) - 1, (1ull << 63) | 1})
    BOOST_CHECK_MESSAGE(context.find(forged) == nullptr, forged);
}

BOOST_AUTO_TEST_SUITE_END()
