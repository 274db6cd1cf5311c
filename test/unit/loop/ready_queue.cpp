// Distributed under the Boost Software License, Version 1.0.
// Tests the queue of objects that have more to do.
#include "loop/ready_queue.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <deque>
#include <random>

using namespace epollhost;

namespace {

struct object final : loop::io_object {};

} // namespace

BOOST_AUTO_TEST_SUITE(ready_queue)

BOOST_AUTO_TEST_CASE(gives_objects_in_the_order_of_their_asking_each_once) {
  loop::ready_queue queue;
  std::array<object, 3> o;
  for (auto& x : o) queue.push(x);
  for (auto& x : o) queue.push(x);
  for (auto& x : o) BOOST_CHECK(queue.pop() == &x);
  BOOST_CHECK(queue.pop() == nullptr);
  BOOST_CHECK(queue.empty());
}

BOOST_AUTO_TEST_CASE(takes_one_out_wherever_it_stands) {
  for (std::size_t victim = 0; victim < 4; ++victim) {
    loop::ready_queue queue;
    std::array<object, 4> o;
    for (auto& x : o) queue.push(x);
    queue.remove(o[victim]);
    queue.remove(o[victim]);
    for (auto& x : o)
      if (&x != &o[victim]) BOOST_CHECK(queue.pop() == &x);
    BOOST_CHECK(queue.empty());
    queue.push(o[victim]); // it may come again
    BOOST_CHECK(queue.pop() == &o[victim]);
  }
}

BOOST_AUTO_TEST_CASE(leaves_what_comes_after_take_all_for_the_next_one) {
  loop::ready_queue queue;
  object a, b;
  queue.push(a);
  loop::ready_queue now = queue.take_all();
  BOOST_CHECK(queue.empty());
  queue.push(b);
  BOOST_CHECK(now.pop() == &a);
  BOOST_CHECK(now.pop() == nullptr);
  BOOST_CHECK(queue.pop() == &b);
}

BOOST_AUTO_TEST_CASE(does_what_a_deque_does) {
  loop::ready_queue queue;
  std::array<object, 12> o;
  std::deque<loop::io_object*> model;
  std::mt19937 random(1);
  for (int step = 0; step < 50'000; ++step) {
    object& x = o[random() % o.size()];
    const auto at = std::find(model.begin(), model.end(), &x);
    switch (random() % 3) {
    case 0:
      queue.push(x);
      if (at == model.end()) model.push_back(&x);
      break;
    case 1:
      queue.remove(x);
      if (at != model.end()) model.erase(at);
      break;
    case 2: {
      loop::io_object* const expected = model.empty() ? nullptr : model.front();
      if (!model.empty()) model.pop_front();
      BOOST_REQUIRE(queue.pop() == expected);
    }
    }
    BOOST_REQUIRE_EQUAL(queue.empty(), model.empty());
  }
}

BOOST_AUTO_TEST_SUITE_END()
