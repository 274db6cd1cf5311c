// Distributed under the Boost Software License, Version 1.0.
// Tests the memory of connections: buffer_pool, slab, input_tail, output_queue.
#include "worker/buffer_pool.hpp"
#include "worker/input_tail.hpp"
#include "worker/output_queue.hpp"
#include "worker/slab.hpp"

#include "support/client.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstring>
#include <random>
#include <set>
#include <vector>

using namespace epollhost;
using test::pattern;

namespace {

std::string gathered(const output_queue& q, std::size_t parts_max = 64) {
  std::vector<iovec> parts(parts_max);
  std::string out;
  const std::size_t n = q.gather(parts).count;
  for (std::size_t i = 0; i < n; ++i) out.append(static_cast<char*>(parts[i].iov_base), parts[i].iov_len);
  return out;
}

void count(void* counter) { ++*static_cast<int*>(counter); }

} // namespace

BOOST_AUTO_TEST_SUITE(pools)

BOOST_AUTO_TEST_CASE(rounds_up_to_powers_of_two_from_64_bytes_to_a_megabyte) {
  BOOST_CHECK_EQUAL(buffer_pool::rounded(0), 64);
  BOOST_CHECK_EQUAL(buffer_pool::rounded(64), 64);
  BOOST_CHECK_EQUAL(buffer_pool::rounded(65), 128);
  BOOST_CHECK_EQUAL(buffer_pool::rounded((1 << 20) - 1), 1 << 20);
  BOOST_CHECK_EQUAL(buffer_pool::rounded(1 << 20), 1 << 20);
  BOOST_CHECK_EQUAL(buffer_pool::rounded((1 << 20) + 1), (1 << 20) + 1);
}

BOOST_AUTO_TEST_CASE(gives_a_block_again_for_any_size_of_its_class) {
  buffer_pool pool;
  void* const block = pool.take(100);
  std::memset(block, 0xff, 128);
  pool.give(block, 128);
  BOOST_CHECK(pool.take(65) == block);
  void* const other = pool.take(100);
  BOOST_CHECK(other != block);
  pool.give(block, 65);
  pool.give(other, 100);
}

BOOST_AUTO_TEST_CASE(keeps_no_more_than_its_bound) {
  buffer_pool pool;
  constexpr std::size_t size = 1 << 20, kept = buffer_pool::kept_bytes_max / size;
  std::vector<void*> blocks;
  for (std::size_t i = 0; i < kept + 4; ++i) blocks.push_back(pool.take(size));
  const std::set<void*> given(blocks.begin(), blocks.end());
  for (void* const b : blocks) pool.give(b, size); // asan finds it if what is above the bound is not freed
  std::size_t again = 0;
  blocks.clear();
  for (std::size_t i = 0; i < kept; ++i) {
    blocks.push_back(pool.take(size));
    again += given.contains(blocks.back());
  }
  BOOST_CHECK_EQUAL(again, kept);
  for (void* const b : blocks) pool.give(b, size);
  pool.give(pool.take(3 << 20), 3 << 20);
}

BOOST_AUTO_TEST_CASE(gives_cells_that_are_aligned_apart_and_used_again) {
  for (const std::size_t bytes : {1, 24, 100, 4096, 70'000})
    for (const std::size_t alignment : {8, 16, 64}) {
      slab cells(bytes, alignment);
      std::set<char*> taken;
      for (int i = 0; i < 300; ++i) {
        char* const cell = static_cast<char*>(cells.take());
        BOOST_REQUIRE_EQUAL(reinterpret_cast<std::uintptr_t>(cell) % alignment, 0);
        std::memset(cell, 0xff, bytes); // asan finds it if it is not all there
        const auto next = taken.lower_bound(cell);
        BOOST_REQUIRE(next == taken.end() || cell + bytes <= *next);
        BOOST_REQUIRE(next == taken.begin() || *std::prev(next) + bytes <= cell);
        taken.insert(cell);
      }
      for (char* const cell : taken) cells.give(cell);
      for (std::size_t i = 0; i < taken.size(); ++i) BOOST_REQUIRE(taken.contains(static_cast<char*>(cells.take())));
    }
}

BOOST_AUTO_TEST_CASE(holds_a_tail_like_a_string_does) {
  buffer_pool pool;
  input_tail tail;
  std::string model;
  std::mt19937 random(3);
  const std::string source = pattern(20'000);
  for (int step = 0; step < 5'000; ++step) {
    const std::size_t n = random() % (step % 50 == 0 ? 20'000 : 200);
    switch (random() % 4) {
    case 0:
      tail.assign(pool, std::string_view(source).substr(0, n));
      model = source.substr(0, n);
      break;
    case 1:
    case 2: {
      std::size_t room = 0;
      char* const at = tail.reserve(pool, n + 1, room);
      BOOST_REQUIRE_GE(room, n + 1);
      std::memcpy(at, source.data(), n + 1);
      tail.commit(n + 1);
      model += source.substr(0, n + 1);
      break;
    }
    case 3: {
      const std::size_t used = model.empty() ? 0 : random() % (model.size() + 1);
      tail.consume(pool, used);
      model.erase(0, used);
    }
    }
    BOOST_REQUIRE(tail.view() == model);
    BOOST_REQUIRE_EQUAL(tail.size(), model.size());
    BOOST_REQUIRE_EQUAL(tail.empty(), model.empty()); // with the last byte the block goes back
  }
  tail.clear(pool);
  BOOST_CHECK(tail.empty());
  tail.clear(pool);
}

BOOST_AUTO_TEST_CASE(queues_bytes_and_references_like_a_string_and_releases_each_reference_once) {
  buffer_pool pool;
  output_queue queue;
  std::string model;
  std::mt19937 random(5);
  const std::string source = pattern(30'000);
  int references = 0, released = 0;
  std::int64_t now = 1;
  for (int step = 0; step < 20'000; ++step, ++now) {
    const std::size_t n = random() % (step % 40 == 0 ? 30'000 : 300);
    switch (random() % 4) {
    case 0:
      queue.append(pool, source.data(), n, now);
      model += source.substr(0, n);
      break;
    case 1:
      if (n == 0) break;
      queue.append_reference(pool, source.data(), n, random() % 2 ? count : nullptr, &released, now);
      model += source.substr(0, n);
      ++references;
      break;
    default:
      if (model.empty()) break;
      const std::size_t used = 1 + random() % std::min<std::size_t>(model.size(), 1000);
      queue.consume(pool, used, now);
      model.erase(0, used);
      BOOST_REQUIRE_EQUAL(queue.progress_ns(), model.empty() ? 0 : now);
    }
    BOOST_REQUIRE_EQUAL(queue.bytes(), model.size());
    BOOST_REQUIRE_EQUAL(queue.empty(), model.empty());
    const std::string first = gathered(queue, 1 + step % 17);
    BOOST_REQUIRE(model.compare(0, first.size(), first) == 0);
    BOOST_REQUIRE(model.empty() || !first.empty());
    BOOST_REQUIRE_LE(released, references);
  }
  queue.clear(pool);
  BOOST_CHECK(queue.empty());
  queue.clear(pool);
}

BOOST_AUTO_TEST_CASE(releases_a_reference_when_its_last_byte_has_left_and_not_before) {
  buffer_pool pool;
  output_queue queue;
  int released = 0;
  queue.append(pool, "abc", 3, 1);
  queue.append_reference(pool, "defg", 4, count, &released, 1);
  queue.append(pool, "hi", 2, 1);
  BOOST_CHECK_EQUAL(gathered(queue), "abcdefghi");
  queue.consume(pool, 6, 2);
  BOOST_CHECK_EQUAL(released, 0);
  BOOST_CHECK_EQUAL(gathered(queue), "ghi");
  queue.consume(pool, 1, 3);
  BOOST_CHECK_EQUAL(released, 1);
  queue.append_reference(pool, "x", 1, count, &released, 3);
  queue.clear(pool);
  BOOST_CHECK_EQUAL(released, 2);
}

BOOST_AUTO_TEST_SUITE_END()
