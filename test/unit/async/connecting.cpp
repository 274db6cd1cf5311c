// Distributed under the Boost Software License, Version 1.0.
// Tests connections that tasks make.
#include "scripted.hpp"

using namespace epollhost;
using namespace std::chrono_literals;
using test::fake_peer;
using test::scene;
using test::witness;

namespace {

// Hands each line on to another server and its answer back.
task<> ask(stream peer) {
  const stream server = co_await async_connect("answers:1", 5s);
  while (const auto line = co_await peer.async_read_until('\n')) {
    co_await server.async_write(*line);
    const auto answer = co_await server.async_read_until('\n');
    if (!answer) break;
    co_await peer.async_write(*answer);
  }
}

} // namespace

BOOST_AUTO_TEST_SUITE(connecting)

BOOST_AUTO_TEST_CASE(talks_over_a_connection_that_it_has_made) {
  scene s(ask);
  fake_peer& p = s.connect();
  s.send(p, "early\n");
  BOOST_REQUIRE_EQUAL(s.outgoing.size(), 1);
  fake_peer& server = *s.outgoing[0];
  BOOST_CHECK_EQUAL(server.address, "answers:1");
  BOOST_CHECK_EQUAL(server.calls, 0);
  s.establish(server);
  BOOST_CHECK_EQUAL(server.sent, "early\n");
  s.send(server, "answer\n");
  BOOST_CHECK_EQUAL(p.sent, "answer\n");
  s.send(p, "more\n");
  s.send(server, "the la");
  s.send(server, "st\n");
  BOOST_CHECK_EQUAL(p.sent, "answer\nthe last\n");
  s.end(p);
  BOOST_CHECK(p.closed);
  BOOST_CHECK(server.closed); // its last stream has gone
  BOOST_CHECK(server.fin_seen);
}

BOOST_AUTO_TEST_CASE(hears_of_the_end_of_the_other_side) {
  for (const bool reset : {false, true}) {
    scene s(ask);
    fake_peer& p = s.connect();
    fake_peer& server = *s.outgoing[0];
    s.establish(server);
    s.send(p, "question\n");
    reset ? s.drop(server) : s.end(server);
    BOOST_CHECK(p.closed);
    BOOST_CHECK(!p.failed); // a server that resets is no failure of the plugin
    BOOST_CHECK(server.closed);
  }
}

BOOST_AUTO_TEST_CASE(says_why_there_is_no_connection) {
  for (const auto& [why, expected] :
       {std::pair(EH_REASON_CONNECT, std::errc::not_connected), std::pair(EH_REASON_TIMEOUT, std::errc::timed_out),
        std::pair(EH_REASON_SYSTEM, std::errc::too_many_files_open),
        std::pair(EH_REASON_DRAIN, std::errc::connection_aborted)}) {
    std::error_code ec;
    std::string what;
    scene s([&](stream) -> task<> {
      const stream none = co_await async_connect("nobody:1", ec);
      BOOST_CHECK(!none);
      try {
        co_await async_connect("nobody:2");
      } catch (const stream_error& e) {
        what = e.what();
      }
    });
    fake_peer& p = s.connect();
    for (int i : {0, 1}) s.refuse(*s.outgoing[i], eh_reason(why), "nobody: because");
    BOOST_CHECK_MESSAGE(ec == expected, ec.message());
    BOOST_CHECK_EQUAL(what, "async_connect: nobody: because: " + std::make_error_code(expected).message());
    BOOST_CHECK(p.closed);
  }
}

BOOST_AUTO_TEST_CASE(says_why_it_could_not_even_be_tried) {
  for (const auto& [answer, expected] :
       {std::pair(EH_INVALID, std::errc::invalid_argument),
        std::pair(EH_OVER_LIMIT, std::errc::resource_unavailable_try_again),
        std::pair(EH_NO_MEMORY, std::errc::not_enough_memory), std::pair(EH_UNSUPPORTED, std::errc::not_supported)}) {
    std::error_code ec;
    scene s([&](stream) -> task<> { co_await async_connect("", ec); });
    s.connect_answer = answer;
    s.connect();
    BOOST_CHECK_MESSAGE(ec == expected, ec.message());
  }
}

BOOST_AUTO_TEST_CASE(gives_up_a_connection_whose_task_has_ended_meanwhile) {
  scene s([](stream) -> task<> {
    const witness here;
    co_await async_connect("slow:1");
  });
  fake_peer& p = s.connect();
  fake_peer& server = *s.outgoing[0];
  s.drop(p);
  BOOST_CHECK_EQUAL(witness::alive, 0);
  BOOST_CHECK(server.closed);
}

BOOST_AUTO_TEST_CASE(keeps_a_connection_as_long_as_a_stream_or_a_task_has_it) {
  std::string heard;
  scene s([&](stream) -> task<> {
    {
      stream server = co_await async_connect("server:1");
      const stream copy = server;
      co_spawn(server, [](stream server, std::string& heard) -> task<> {
        while (const auto some = co_await server.async_read_some()) heard += *some;
      }(server, heard));
    } // the task has it
  });
  fake_peer& p = s.connect();
  fake_peer& server = *s.outgoing[0];
  s.establish(server);
  BOOST_CHECK(p.closed);
  s.send(server, "still there");
  BOOST_CHECK_EQUAL(heard, "still there");
  BOOST_CHECK(!server.closed);
  s.end(server);
  BOOST_CHECK(server.closed);
}

BOOST_AUTO_TEST_CASE(is_made_by_the_instance_too) {
  std::string heard;
  scene s([](stream) -> task<> { co_return; },
          [&]() -> task<> {
            const stream server = co_await async_connect("server:1");
            co_await server.async_write("hello");
            while (const auto some = co_await server.async_read_some()) heard += *some;
          });
  fake_peer& server = *s.outgoing.at(0);
  s.establish(server);
  BOOST_CHECK_EQUAL(server.sent, "hello");
  s.send(server, "welcome");
  BOOST_CHECK_EQUAL(heard, "welcome");
}

BOOST_AUTO_TEST_SUITE_END()
