// Distributed under the Boost Software License, Version 1.0.
// Tests the function that is called once.
#include "loop/task.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using namespace epollhost;

namespace {

// Counts how many of its copies live.
struct counted {
  explicit counted(int& alive) : alive(&alive) { ++alive; }
  counted(counted&& o) noexcept : alive(o.alive) { ++*alive; }
  counted(const counted& o) : alive(o.alive) { ++*alive; }
  ~counted() { --*alive; }
  int* alive;
};

template <std::size_t Bytes> void check_life() {
  int alive = 0, called = 0;
  {
    std::array<char, Bytes> ballast{};
    ballast.back() = 7;
    loop::task a([c = counted(alive), ballast, &called] { called += ballast.back(); });
    BOOST_CHECK_EQUAL(alive, 1);
    loop::task b(std::move(a));
    BOOST_CHECK_EQUAL(alive, 1);
    b();
    BOOST_CHECK_EQUAL(called, 7);
    loop::task other([c = counted(alive)] {});
    BOOST_CHECK_EQUAL(alive, 2);
    other = std::move(b);
    BOOST_CHECK_EQUAL(alive, 1);
    other();
    auto& same = other;
    other = std::move(same);
    BOOST_CHECK_EQUAL(alive, 1);
  }
  BOOST_CHECK_EQUAL(called, 14);
  BOOST_CHECK_EQUAL(alive, 0);
}

} // namespace

BOOST_AUTO_TEST_SUITE(task)

BOOST_AUTO_TEST_CASE(destroys_its_callable_exactly_once_when_it_lies_inside) { check_life<1>(); }
BOOST_AUTO_TEST_CASE(destroys_its_callable_exactly_once_when_it_is_too_large_for_that) { check_life<500>(); }

BOOST_AUTO_TEST_CASE(takes_what_can_only_be_moved) {
  std::string got;
  loop::task t([p = std::make_unique<std::string>("moved"), &got] { got = *p; });
  std::vector<loop::task> all;
  all.push_back(std::move(t));
  all.reserve(100); // moves it again
  all.front()();
  BOOST_CHECK_EQUAL(got, "moved");
}

BOOST_AUTO_TEST_CASE(keeps_the_alignment_of_what_does_not_fit_by_it) {
  struct alignas(64) wide {
    char bytes[8] = {};
  };
  bool aligned = false;
  loop::task t([w = wide(), &aligned] { aligned = reinterpret_cast<std::uintptr_t>(&w) % 64 == 0; });
  t();
  BOOST_CHECK(aligned);
}

BOOST_AUTO_TEST_CASE(passes_an_exception_on_and_stays_whole) {
  int alive = 0;
  {
    loop::task t([c = counted(alive)] { throw std::runtime_error("no"); });
    BOOST_CHECK_THROW(t(), std::runtime_error);
    BOOST_CHECK_EQUAL(alive, 1);
  }
  BOOST_CHECK_EQUAL(alive, 0);
}

BOOST_AUTO_TEST_SUITE_END()
