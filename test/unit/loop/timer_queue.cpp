// Distributed under the Boost Software License, Version 1.0.
// Tests the heap of deadlines against a model.
#include "loop/timer_queue.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <map>
#include <memory>
#include <random>
#include <vector>

using namespace epollhost;

namespace {

struct object final : loop::io_object {};

} // namespace

BOOST_AUTO_TEST_SUITE(timer_queue)

BOOST_AUTO_TEST_CASE(is_empty_at_first) {
  loop::timer_queue queue;
  const object o;
  BOOST_CHECK_EQUAL(queue.size(), 0);
  BOOST_CHECK_EQUAL(queue.earliest(), loop::timer_queue::never);
  BOOST_CHECK_EQUAL(queue.when(o), loop::timer_queue::never);
  BOOST_CHECK(!queue.armed(o));
  BOOST_CHECK(!queue.pop_expired(loop::timer_queue::never - 1));
}

BOOST_AUTO_TEST_CASE(gives_an_object_at_its_time_and_not_a_nanosecond_before) {
  loop::timer_queue queue;
  object o;
  queue.arm(o, 1000);
  BOOST_CHECK(!queue.pop_expired(999));
  BOOST_CHECK(queue.pop_expired(1000) == &o);
  BOOST_CHECK(!queue.armed(o));
  BOOST_CHECK(!queue.pop_expired(1000));
}

BOOST_AUTO_TEST_CASE(moves_an_armed_object_instead_of_arming_it_twice) {
  loop::timer_queue queue;
  object o;
  queue.arm(o, 1000);
  queue.arm(o, 10);
  queue.arm(o, 500);
  BOOST_CHECK_EQUAL(queue.size(), 1);
  BOOST_CHECK_EQUAL(queue.earliest(), 500);
  queue.disarm(o);
  queue.disarm(o);
  BOOST_CHECK_EQUAL(queue.size(), 0);
}

// A model: the same operations on a map from object to time, 200,000 times; after each, what can be seen is compared.
BOOST_AUTO_TEST_CASE(does_what_a_sorted_map_does) {
  for (const std::size_t objects : {1, 2, 5, 6, 21, 300}) {
    loop::timer_queue queue;
    std::vector<object> all(objects);
    std::map<object*, std::int64_t> model;
    std::mt19937 random(static_cast<unsigned>(objects));
    std::int64_t now = 0;
    for (int step = 0; step < 30'000; ++step) {
      object& o = all[random() % objects];
      switch (random() % 4) {
      case 0:
      case 1: {
        const std::int64_t when = now + std::int64_t(random() % 50) - 5; // many equal times, some in the past
        queue.arm(o, when);
        model[&o] = when;
        break;
      }
      case 2:
        queue.disarm(o);
        model.erase(&o);
        break;
      case 3:
        now += random() % 7;
        std::int64_t last = std::numeric_limits<std::int64_t>::min();
        while (loop::io_object* const popped = queue.pop_expired(now)) {
          const auto at = model.find(static_cast<object*>(popped));
          BOOST_REQUIRE(at != model.end());
          BOOST_REQUIRE_LE(at->second, now);
          BOOST_REQUIRE_GE(at->second, last);
          last = at->second;
          model.erase(at);
        }
        for (const auto& [_, when] : model) BOOST_REQUIRE_GT(when, now);
        break;
      }
      BOOST_REQUIRE_EQUAL(queue.size(), model.size());
      BOOST_REQUIRE_EQUAL(queue.armed(o), model.contains(&o));
      if (model.contains(&o)) BOOST_REQUIRE_EQUAL(queue.when(o), model[&o]);
      std::int64_t earliest = loop::timer_queue::never;
      if (step % 16 == 0) {
        for (const auto& [_, when] : model) earliest = std::min(earliest, when);
        BOOST_REQUIRE_EQUAL(queue.earliest(), earliest);
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
