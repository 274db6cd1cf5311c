// Distributed under the Boost Software License, Version 1.0.
// Tests the pool of frames: classes, bounds, and threads without one.
#include <epollhost/async/frame_pool.hpp>

#include <boost/test/unit_test.hpp>

#include <cstring>
#include <set>
#include <thread>
#include <vector>

using namespace epollhost::detail;

BOOST_AUTO_TEST_SUITE(frames)

BOOST_AUTO_TEST_CASE(has_a_class_for_each_size_that_wastes_less_than_half) {
  std::size_t before = 0;
  for (std::size_t bytes = 1; bytes <= frame_pool::block_bytes_max; ++bytes) {
    const std::size_t c = frame_pool::class_of(bytes), room = frame_pool::class_bytes(c);
    BOOST_REQUIRE_GE(room, bytes);
    BOOST_REQUIRE(room < bytes + 24 || room < 2 * bytes);
    BOOST_REQUIRE(c == before || c == before + 1);
    before = c;
  }
}

BOOST_AUTO_TEST_CASE(gives_the_same_memory_again) {
  frame_pool pool;
  void* const a = pool.take(100);
  void* const b = pool.take(100);
  BOOST_CHECK(a != b);
  pool.give(a, 100);
  BOOST_CHECK(pool.take(104) == a); // of the same class
  void* const other = pool.take(105);
  BOOST_CHECK(other != a && other != b);
  pool.give(a, 104);
  pool.give(b, 100);
  pool.give(other, 105);
}

BOOST_AUTO_TEST_CASE(works_without_a_pool_and_across_its_life) {
  void* const early = take_frame(200);
  std::memset(early, 1, 200);
  void* late = nullptr;
  {
    const frame_pool_user one;
    give_frame(early, 200);
    const frame_pool_user two;
    late = take_frame(200);
    BOOST_CHECK(!recycles_frames || late == early);
  }
  give_frame(late, 200);
}

BOOST_AUTO_TEST_CASE(keeps_no_frame_above_its_bound) {
  const frame_pool_user user;
  for (const std::size_t bytes : {frame_pool::block_bytes_max, frame_pool::block_bytes_max + 1}) {
    void* const frame = take_frame(bytes);
    std::memset(frame, 1, bytes);
    give_frame(frame, bytes);
  }
}

BOOST_AUTO_TEST_CASE(has_one_pool_for_each_thread) {
  const frame_pool_user user;
  const frame_pool* there = frames_here.pool;
  std::thread([&] {
    BOOST_CHECK(!frames_here.pool);
    const frame_pool_user own;
    there = frames_here.pool;
  }).join();
  BOOST_CHECK(there != frames_here.pool);
}

BOOST_AUTO_TEST_SUITE_END()
