// Distributed under the Boost Software License, Version 1.0.
// Tests tasks: values, order, the stack, fairness, and what a connection's frames cost.
#include "scripted.hpp"

#include "support/left_out.hpp"
#include "support/system_calls.hpp"

#include <stdexcept>

using namespace epollhost;
using namespace std::chrono_literals;
using test::fake_peer;
using test::scene;
using test::witness;

namespace {

constexpr unsigned most = detail::scheduler::inline_completions_max;
#ifdef EPOLLHOST_SANITIZED
constexpr int many = 100'000;
#else
constexpr int many = 1'000'000;
#endif
// So little may the stack grow, whatever completes at once: some calls, and under a sanitizer large ones.
constexpr std::ptrdiff_t stack_bytes_max = 16 * 1024;

class stack_depth {
public:
  [[gnu::noinline]] void look() {
    // Not the address of a variable: the address sanitizer has these elsewhere.
    const char* const at = static_cast<const char*>(__builtin_frame_address(0));
    if (!first_) first_ = at;
    deepest_ = std::max(deepest_, std::abs(first_ - at));
  }
  std::ptrdiff_t deepest() const { return deepest_; }

private:
  const char* first_ = nullptr;
  std::ptrdiff_t deepest_ = 0;
};

task<int> twice(int n) { co_return 2 * n; }
task<std::unique_ptr<int>> boxed(stream peer, int n) {
  co_await peer.async_read(1);
  co_return std::make_unique<int>(n);
}
task<> sink(int n, stack_depth& depth) {
  depth.look();
  if (n > 0) co_await sink(n - 1, depth);
}

} // namespace

BOOST_AUTO_TEST_SUITE(tasks)

BOOST_AUTO_TEST_CASE(answers_values_at_once_and_later) {
  int sum = 0;
  scene s([&](stream peer) -> task<> {
    sum = co_await twice(4) + *co_await boxed(peer, 5);
    auto third = boxed(peer, 6); // nothing has run yet
    sum += *co_await std::move(third);
  });
  fake_peer& p = s.connect();
  s.send(p, "a");
  BOOST_CHECK_EQUAL(sum, 13);
  s.send(p, "b");
  BOOST_CHECK_EQUAL(sum, 19);
}

BOOST_AUTO_TEST_CASE(drops_a_task_that_nobody_awaits) {
  scene s([](stream peer) -> task<> {
    const auto begin = [](stream peer, witness) -> task<> { co_await peer.async_read_some(); };
    { task<> forgotten = begin(peer, {}); }
    task<> replaced = begin(peer, {});
    replaced = begin(peer, {});
    co_await std::move(replaced);
  });
  fake_peer& p = s.connect();
  BOOST_CHECK_GE(witness::alive, 1);
  s.send(p, "x");
  BOOST_CHECK_EQUAL(witness::alive, 0);
}

BOOST_AUTO_TEST_CASE(starts_spawned_tasks_in_order_when_the_one_in_hand_suspends) {
  std::string order;
  scene s([&](stream peer) -> task<> {
    for (char c = 'a'; c < 'd'; ++c)
      co_spawn(peer, [](char c, std::string& order) -> task<> {
        order += c;
        co_return;
      }(c, order));
    order += '1';
    co_await peer.async_read_some();
  });
  s.connect();
  BOOST_CHECK_EQUAL(order, "1abc");
}

BOOST_AUTO_TEST_CASE(does_not_grow_the_stack_with_operations_that_complete_at_once) {
  stack_depth depth;
  int done = 0;
  scene s([&](stream peer) -> task<> {
    steady_timer past(peer, 0s);
    for (; done < many; ++done) {
      depth.look();
      switch (done % 6) {
      case 0: co_await peer.async_read(1); break;
      case 1: co_await peer.async_read_until('\n'); break;
      case 2: co_await peer.async_write(""); break;
      case 3: co_await past.async_wait(); break;
      case 4: co_await twice(done); break;
      default: co_await post(); break;
      }
    }
  });
  fake_peer& p = s.connect();
  std::string input;
  for (int i = 0; i < 10'000; ++i) input += "ab\n";
  while (!p.closed) s.send(p, input);
  BOOST_CHECK_EQUAL(done, many);
  BOOST_CHECK_LT(depth.deepest(), stack_bytes_max);
}

BOOST_AUTO_TEST_CASE(does_not_grow_the_stack_with_tasks_that_end_at_once) {
  stack_depth depth;
  scene s([&](stream) -> task<> {
    for (int i = 0; i < many; ++i) co_await sink(0, depth);
  });
  s.connect();
  BOOST_CHECK_LT(depth.deepest(), stack_bytes_max);
}

BOOST_AUTO_TEST_CASE(does_not_grow_the_stack_with_tasks_that_await_each_other) {
  stack_depth depth;
  scene s([&](stream) -> task<> { co_await sink(2000, depth); });
  s.connect();
  BOOST_CHECK_LT(depth.deepest(), stack_bytes_max);
}

BOOST_AUTO_TEST_CASE(gives_others_their_turn_after_so_many_completions) {
  for (const unsigned over : {0u, 1u}) {
    bool done = false;
    std::size_t turns = 0;
    scene s([&](stream peer) -> task<> {
      co_await peer.async_read(1);
      for (unsigned i = 0; i < most + over; ++i) co_await peer.async_read(1);
      done = true;
      co_await peer.async_read_some();
    });
    fake_peer& p = s.connect();
    p.unread = std::string(most + over + 1, 'x');
    p.ready = true;
    do s.turn(), ++turns;
    while (!done);
    BOOST_CHECK_EQUAL(turns, 1 + over);
  }
}

BOOST_AUTO_TEST_CASE(lets_each_kind_of_operation_wait_for_its_turn) {
  for (int kind = 0; kind < 6; ++kind) {
    BOOST_TEST_CONTEXT(kind) {
      int done = 0;
      std::size_t turns = 0;
      scene s([&](stream peer) -> task<> {
        steady_timer past(peer, 0s);
        std::error_code ec;
        co_await peer.async_read(1);
        for (; done < 10 * int(most); ++done) switch (kind) {
          case 0: co_await peer.async_write("x"); break;
          case 1: co_await past.async_wait(); break;
          case 2: co_await peer.async_read_until('\n', 0, ec); break; // an error each time
          case 3: co_await peer.async_wait_drain(); break;
          case 4: co_await peer.async_read(0); break;
          default: co_await peer.async_read_some(); break; // the end
          }
      });
      fake_peer& p = s.connect();
      s.drain();
      p.unread = "x";
      p.end = p.ready = true;
      for (; !p.closed; ++turns) s.turn();
      BOOST_CHECK_GE(turns, 10);
      BOOST_CHECK_LE(turns, 12);
      BOOST_CHECK_EQUAL(done, 10 * int(most));
    }
  }
}

// A loop that does not look at its errors ends with its connection, and starves nobody until then.
BOOST_AUTO_TEST_CASE(ends_a_loop_that_ignores_its_errors) {
  scene s([](stream peer) -> task<> {
    const witness here;
    co_await peer.async_read_some();
    peer.close();
    for (std::error_code ec;;) co_await peer.async_read_some(ec);
  });
  fake_peer& p = s.connect();
  s.send(p, "x");
  BOOST_CHECK(p.closed);
  BOOST_CHECK_EQUAL(witness::alive, 0);
}

BOOST_AUTO_TEST_CASE(resets_a_connection_that_could_not_be_called_again_for_want_of_memory) {
  scene s([](stream peer) -> task<> {
    co_await peer.async_read_some();
    co_await post();
  });
  fake_peer& p = s.connect();
  s.wake_answer = EH_NO_MEMORY;
  s.send(p, "x");
  BOOST_CHECK(p.closed);
}

BOOST_AUTO_TEST_CASE(allocates_nothing_once_it_is_warm,
                     *test::left_out(!detail::recycles_frames, "each frame has memory of its own there")) {
  scene s([](stream peer) -> task<> {
    const auto served = [](stream peer, std::string_view line) -> task<bool> {
      char large[20'000]; // a frame of the large classes
      large[0] = line[0];
      steady_timer pause(peer, 1ns);
      co_await pause.async_wait();
      co_spawn(peer, [](stream peer) -> task<> { co_await peer.async_write("spawned"); }(peer));
      co_await post();
      co_return large[0] == 'g';
    };
    while (const auto line = co_await peer.async_read_until('\n')) {
      peer.expires_after(1min);
      if (!co_await served(peer, *line)) co_return;
    }
  });
  fake_peer& p = s.connect();
  for (int i = 0; i < 20; ++i) {
    if (i == 10) test::counts() = {};
    p.unread = "go\n";
    p.ready = true;
    for (int j = 0; j < 10; ++j) {
      s.clock_ns += 10;
      s.counted = i >= 10;
      s.turn();
    }
  }
  BOOST_CHECK_EQUAL(p.sent.size(), 20 * 7);
  BOOST_CHECK_EQUAL(test::counts().allocations, 0);
}

BOOST_AUTO_TEST_SUITE_END()
