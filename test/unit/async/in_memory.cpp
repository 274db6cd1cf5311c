// Distributed under the Boost Software License, Version 1.0.
// Tests that coroutines run in what authors test their plugins with, testing.hpp, and obey the rules that it asserts.
#include <epollhost/async.hpp>
#include <epollhost/testing.hpp>

#include <boost/test/unit_test.hpp>

using namespace epollhost;
using namespace std::chrono_literals;

namespace {

struct dialogue {
  struct options {
    std::chrono::milliseconds patience{1000};
  };
  static constexpr auto about = epollhost::about{"dialogue", "1.0.0", "answers lines, and ends in each way", ":0"};
  static constexpr auto schema =
      epollhost::schema<options>(option("patience", &options::patience, "between two lines"));

  task<> serve(stream peer, const options& opt) {
    peer.expires_after(opt.patience);
    while (const auto line = co_await peer.async_read_until('\n', 10'000)) {
      peer.expires_after(opt.patience);
      if (*line == "later\n") {
        steady_timer pause(peer, 100ms);
        co_await pause.async_wait();
        co_await peer.async_write("now\n");
      } else if (*line == "much\n") {
        co_await peer.async_write(std::string(5'000'000, 'x'));
      } else {
        co_await peer.async_write(*line);
      }
    }
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(in_memory)

BOOST_AUTO_TEST_CASE(says_the_same_however_its_input_is_cut) {
  testing::plugin_of<dialogue> p;
  testing::same_however_cut(p, "one\n\nthree\n" + std::string(300, 'x') + "\nno line");
}

BOOST_AUTO_TEST_CASE(ends_at_its_deadline) {
  testing::plugin_of<dialogue> p({{"patience", "5s"}});
  testing::peer c = p.connect().send("one\n");
  p.advance(4999ms);
  BOOST_CHECK(!c.ended());
  p.advance(1ms);
  BOOST_CHECK(c.ended());
  BOOST_CHECK_EQUAL(c.received(), "one\n");
}

BOOST_AUTO_TEST_CASE(keeps_what_comes_while_it_does_not_read) {
  testing::plugin_of<dialogue> p;
  testing::peer c = p.connect().send("later\nafter\n");
  BOOST_CHECK_EQUAL(c.received(), "");
  p.advance(100ms);
  BOOST_CHECK_EQUAL(c.received(), "now\nafter\n");
}

BOOST_AUTO_TEST_CASE(waits_for_a_peer_that_does_not_read) {
  testing::plugin_of<dialogue> p;
  testing::peer c = p.connect().stop_reading().send("much\n");
  BOOST_CHECK_LT(c.unread(), 1'000'000);
  c.start_reading();
  BOOST_CHECK_EQUAL(c.received().size(), 5'000'000);
}

BOOST_AUTO_TEST_SUITE_END()
