// Distributed under the Boost Software License, Version 1.0.
// Tests what an author may do wrong: streams of nothing, tasks that run twice, arguments that are not ours.
#include "scripted.hpp"

#include <stdexcept>

using namespace epollhost;
using namespace std::chrono_literals;
using test::fake_peer;
using test::scene;

namespace {

// Each operation of a stream that is none; how many have answered not_connected.
task<> use(stream none, int& refused) {
  const auto count = [&](const std::error_code& ec) { refused += ec == std::errc::not_connected; };
  std::error_code ec;
  char buffer[4];
  co_await none.async_read_some(ec), count(ec);
  co_await none.async_read(3, ec), count(ec);
  co_await none.async_read_until('\n', ec), count(ec);
  co_await none.async_read_until("\r\n", ec), count(ec);
  co_await none.async_read_until([](std::string_view) { return std::size_t(1); }, 10, ec), count(ec);
  co_await none.async_read_some(buffer, ec), count(ec);
  co_await none.async_read(buffer, ec), count(ec);
  co_await none.async_write("x", ec), count(ec);
  co_await none.async_wait_drain(ec), count(ec);
  none.expires_after(1s);
  none.expires_never();
  none.cancel();
  none.finish();
  none.close();
  none.abort();
  BOOST_CHECK(!none.is_open());
  BOOST_CHECK(!none.draining());
  BOOST_CHECK_EQUAL(none.id(), 0);
  BOOST_CHECK_EQUAL(none.listener(), 0);
  BOOST_CHECK_EQUAL(none.remote_address(), "");
  BOOST_CHECK(!none.get_executor());
  BOOST_CHECK(!post(none.get_executor(), [] {}));
  co_spawn(none, []() -> task<> { co_return; }());
  BOOST_CHECK(!co_spawn(none.get_executor(), []() -> task<> { co_return; }()));
  const auto is_refusal = [](const stream_error& e) { return e.code() == std::errc::not_connected; };
  BOOST_CHECK_EXCEPTION(none.host(), stream_error, is_refusal);
  BOOST_CHECK_EXCEPTION(steady_timer(none, 1s), stream_error, is_refusal);
  bool threw = false;
  try {
    co_await none.async_write("x");
  } catch (const stream_error& e) {
    threw = is_refusal(e);
  }
  BOOST_CHECK(threw);
}

// What the host delivers to a connection or the instance without being asked by async.hpp.
void send_foreign_arguments(const eh_host& h, eh_conn_id id, std::int64_t now_ns) {
  for (const std::uint64_t arg : {1ull, 7ull, 42ull, 0x7f00'0000'0001ull, ~0ull}) {
    if (id) h.wake(&h, id, arg);
    h.post(&h, id, arg, nullptr, nullptr);
    h.timer_start(&h, id, now_ns + 1, arg);
  }
}

struct ticking : test::scripted {
  static constexpr auto about = epollhost::about{"ticking", "1.0.0", "has a tick beside serve", ":0"};
  static inline std::vector<std::uint64_t> ticks;
  void run() {}
  void tick(std::uint64_t arg) {
    ticks.push_back(arg);
    if (arg == 13) throw std::runtime_error("unlucky");
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(misuse)

BOOST_AUTO_TEST_CASE(answers_each_operation_of_a_stream_that_is_none_with_an_error) {
  int of_default = 0, of_moved = 0;
  scene s([&](stream peer) -> task<> {
    co_await use(stream(), of_default);
    const stream kept = std::move(peer);
    co_await use(peer, of_moved); // NOLINT(bugprone-use-after-move)
    co_await kept.async_write("still here");
  });
  fake_peer& p = s.connect();
  s.run();
  BOOST_CHECK_EQUAL(of_default, 9);
  BOOST_CHECK_EQUAL(of_moved, 9);
  BOOST_CHECK_EQUAL(p.sent, "still here");
  BOOST_CHECK(!p.failed);
}

BOOST_AUTO_TEST_CASE(fails_where_a_task_is_started_that_was_moved_from) {
  for (const int how : {0, 1, 2, 3}) {
    BOOST_TEST_CONTEXT("how " << how) {
      scene s([&](stream peer) -> task<> {
        auto once = [](stream) -> task<> { co_return; };
        task<> t = once(peer);
        if (how == 0) {
          const task<> taken = std::move(t);
          co_await std::move(t); // NOLINT(bugprone-use-after-move)
        } else if (how == 1) {
          co_await std::move(t);
          co_await std::move(t); // NOLINT(bugprone-use-after-move)
        } else if (how == 2) {
          co_spawn(peer, std::move(t));
          co_spawn(peer, std::move(t)); // NOLINT(bugprone-use-after-move)
        } else {
          co_await std::move(t);
          co_spawn(peer.get_executor(), std::move(t)); // NOLINT(bugprone-use-after-move)
          co_await peer.async_read_some();
        }
      });
      fake_peer& p = s.connect();
      s.run();
      BOOST_CHECK(p.failed);
      BOOST_REQUIRE_EQUAL(s.log_lines.size(), 1);
      BOOST_CHECK_NE(s.log_lines[0].find("a task is started"), std::string::npos);
    }
  }
}

BOOST_AUTO_TEST_CASE(fails_a_connection_whose_serve_gives_no_task) {
  scene s([&](stream peer) -> task<> {
    task<> t = [](stream) -> task<> { co_return; }(peer);
    const task<> taken = std::move(t);
    return t; // NOLINT(bugprone-use-after-move)
  });
  BOOST_CHECK(s.connect().failed);
}

BOOST_AUTO_TEST_CASE(logs_an_argument_that_nobody_takes_and_goes_on) {
  scene s([&](stream peer) -> task<> {
    while (auto some = co_await peer.async_read_some()) co_await peer.async_write(*some);
  });
  fake_peer& p = s.connect();
  send_foreign_arguments(s, p.id, s.clock_ns);
  send_foreign_arguments(s, 0, s.clock_ns);
  s.advance(1s);
  s.send(p, "well?");
  BOOST_CHECK_EQUAL(p.sent, "well?");
  BOOST_REQUIRE_EQUAL(s.log_lines.size(), 25);
  for (const std::string& line : s.log_lines) BOOST_CHECK_NE(line.find("has no receiver; use "), std::string::npos);
}

BOOST_AUTO_TEST_CASE(gives_the_arguments_of_the_instance_to_the_tick_of_the_class) {
  test::scripted::body = [&](stream peer) -> task<> {
    co_await post();
    co_await peer.async_write("written");
    co_await peer.async_read_some();
  };
  ticking::ticks.clear();
  test::fake_host host(detail::plugin_table<ticking>);
  host.post(&host, 0, 0, nullptr, nullptr);
  host.post(&host, 0, 13, nullptr, nullptr);
  host.timer_start(&host, 0, host.clock_ns + 1, 5);
  fake_peer& p = host.connect();
  host.advance(1s);
  BOOST_CHECK_EQUAL(p.sent, "written");
  const std::vector<std::uint64_t> expected{0, 13, 5};
  BOOST_TEST(ticking::ticks == expected, boost::test_tools::per_element());
  BOOST_REQUIRE_EQUAL(host.log_lines.size(), 1);
  BOOST_CHECK_EQUAL(host.log_lines[0], "tick threw: unlucky");
}

BOOST_AUTO_TEST_CASE(logs_a_stream_error_that_leaves_a_task_of_the_instance) {
  scene s([](stream peer) -> task<> { co_await peer.async_read_some(); },
          []() -> task<> {
            co_await post();
            co_await stream().async_write("to nobody");
          });
  s.run();
  BOOST_REQUIRE_EQUAL(s.log_lines.size(), 1);
  BOOST_CHECK_NE(s.log_lines[0].find("a coroutine of the instance threw: async_write"), std::string::npos);
}

// Before it waits for anything: the worker does not serve.
BOOST_AUTO_TEST_CASE(says_that_run_has_failed) {
  for (const bool is_stream_error : {false, true}) {
    scene s([](stream) -> task<> { co_return; },
            [=]() -> task<> {
              if (is_stream_error) steady_timer(stream(), 1s);
              throw std::runtime_error("no such device");
              co_return;
            });
    BOOST_CHECK_NE(s.run_failure.find(is_stream_error ? "executor" : "run threw: no such device"), std::string::npos);
    BOOST_CHECK(s.log_lines.empty());
  }
}

BOOST_AUTO_TEST_SUITE_END()
