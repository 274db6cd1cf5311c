// Distributed under the Boost Software License, Version 1.0.
// Tests raw.so: every byte back, and ticks.
#include <epollhost/testing.hpp>

#include "support/watch.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>

namespace eh = epollhost;
using namespace std::chrono_literals;
using eh::test::argument;

namespace {

// What stands in the first bytes of a message, the highest first.
std::uint64_t number_at(std::string_view message, std::size_t at) {
  std::uint64_t out = 0;
  for (const char c : message.substr(at, 8)) out = out << 8 | static_cast<unsigned char>(c);
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(raw)

BOOST_AUTO_TEST_CASE(sends_every_byte_back_however_it_is_cut) {
  eh::testing::plugin p(argument("raw.so"));
  eh::testing::same_however_cut(p, std::string("some bytes, \0 too", 17));
  eh::testing::same_however_cut(p, "and the end", {.finish = true});
}

BOOST_AUTO_TEST_CASE(sends_more_back_than_one_window_has) {
  eh::testing::plugin p(argument("raw.so"));
  const std::string much(300'000, 'm');
  BOOST_TEST(p.connect().send(much).received() == much);
}

BOOST_AUTO_TEST_CASE(takes_no_more_than_it_can_send_back) {
  eh::testing::plugin p(argument("raw.so"));
  eh::testing::peer c = p.connect().stop_reading();
  c.send(std::string(2 << 20, 'm'));
  BOOST_TEST(c.unread() > 0u);
  c.start_reading();
  BOOST_TEST(c.received().size() == std::size_t(2 << 20));
}

BOOST_AUTO_TEST_CASE(ticks_on_the_beat_with_a_number_and_the_time) {
  eh::testing::plugin p(argument("raw.so"), {{"tick", "10ms"}, {"tick-size", "32"}});
  eh::testing::peer c = p.connect();
  p.advance(30ms);
  const std::string all = c.received();
  BOOST_TEST_REQUIRE(all.size() == 3u * 32);
  for (std::size_t i = 0; i < 3; ++i) {
    BOOST_TEST(number_at(all, i * 32) == i);
    BOOST_TEST(number_at(all, i * 32 + 8) % 10'000'000 == 0u);
  }
}

BOOST_AUTO_TEST_CASE(leaves_out_the_ticks_that_find_no_room) {
  eh::testing::plugin p(argument("raw.so"), {{"tick", "10ms"}, {"tick-size", "16KiB"}},
                        {.limits = {.output_max = 64 * 1024, .send_timeout = 0s}});
  eh::testing::peer c = p.connect().stop_reading();
  p.advance(1s);
  BOOST_TEST(c.queued() == 64u * 1024);
  c.start_reading();
  p.advance(10ms);
  const std::string last = c.received().substr(c.received().size() - 16 * 1024);
  BOOST_TEST(number_at(last, 0) == 100u);
}

BOOST_AUTO_TEST_SUITE_END()
