// Distributed under the Boost Software License, Version 1.0.
// Tests reading in a coroutine: each form, however the input is cut, at the end of input and at each limit.
#include "scripted.hpp"

using namespace epollhost;
using test::scene;
using test::scripted;

namespace {

// What `body` writes for this input, sent in two pieces, and then the end.
std::string answer(const std::function<task<>(stream)>& body, std::string_view input, std::size_t cut) {
  scene s(body);
  test::fake_peer& p = s.connect();
  s.send(p, input.substr(0, cut));
  s.send(p, input.substr(cut));
  s.end(p);
  BOOST_CHECK(p.closed);
  BOOST_CHECK(!p.failed);
  BOOST_CHECK(s.log_lines.empty());
  return p.sent;
}

void check_each_cut(const std::function<task<>(stream)>& body, std::string_view input, std::string_view expected) {
  for (std::size_t cut = 0; cut <= input.size(); ++cut)
    BOOST_TEST_CONTEXT("cut at " << cut) BOOST_CHECK_EQUAL(answer(body, input, cut), expected);
}

task<> put(stream peer, std::string_view text) { co_await peer.async_write("[" + std::string(text) + "]"); }

} // namespace

BOOST_AUTO_TEST_SUITE(reading)

BOOST_AUTO_TEST_CASE(answers_the_same_lines_however_the_input_is_cut) {
  const auto body = [](stream peer) -> task<> {
    while (auto line = co_await peer.async_read_until('\n')) co_await put(peer, *line);
  };
  check_each_cut(body, "one\n\nthree\nfour\n", "[one\n][\n][three\n][four\n]");
}

BOOST_AUTO_TEST_CASE(finds_a_delimiter_of_several_characters_across_each_cut) {
  const auto body = [](stream peer) -> task<> {
    while (auto head = co_await peer.async_read_until("\r\n\r\n")) co_await put(peer, *head);
  };
  check_each_cut(body, "a\r\n\r\r\n\r\nb\r\n\r\n\r\n\r\n", "[a\r\n\r\r\n\r\n][b\r\n\r\n][\r\n\r\n]");
}

BOOST_AUTO_TEST_CASE(reads_messages_of_known_length_however_they_are_cut) {
  const auto body = [](stream peer) -> task<> {
    while (const auto size = co_await peer.async_read(1)) {
      const std::size_t n = std::size_t(size->front() - '0');
      if (const auto text = co_await peer.async_read(n)) co_await put(peer, *text);
    }
  };
  check_each_cut(body, "3abc05hello1x", "[abc][][hello][x]");
}

BOOST_AUTO_TEST_CASE(reads_what_a_match_of_the_author_calls_a_message) {
  const auto length = [](std::string_view in) { return std::size_t(in[0] - '0') + 1; };
  const auto body = [length](stream peer) -> task<> {
    while (const auto message = co_await peer.async_read_until(length)) co_await put(peer, *message);
  };
  check_each_cut(body, "3abc05hello1x", "[3abc][0][5hello][1x]");
}

BOOST_AUTO_TEST_CASE(fills_a_buffer_and_says_how_far_at_the_end) {
  const auto body = [](stream peer) -> task<> {
    char buffer[4];
    while (const std::size_t n = co_await peer.async_read(buffer)) co_await put(peer, {buffer, n});
  };
  check_each_cut(body, "abcdefghij", "[abcd][efgh][ij]");
}

BOOST_AUTO_TEST_CASE(copies_what_is_there_and_no_more_than_the_buffer_holds) {
  std::string joined;
  const auto body = [&](stream peer) -> task<> {
    std::array<char, 4> buffer;
    while (const std::size_t n = co_await peer.async_read_some(buffer)) joined.append(buffer.data(), n);
  };
  for (std::size_t cut = 0; cut <= 10; ++cut) {
    joined.clear();
    answer(body, "abcdefghij", cut);
    BOOST_CHECK_EQUAL(joined, "abcdefghij");
  }
}

BOOST_AUTO_TEST_CASE(reads_some_bytes_at_once_and_no_more_than_asked_for) {
  scene s([](stream peer) -> task<> {
    while (const auto some = co_await peer.async_read_some(3)) co_await put(peer, *some);
  });
  test::fake_peer& p = s.connect();
  s.send(p, "ab");
  BOOST_CHECK_EQUAL(p.sent, "[ab]");
  s.send(p, "cdefg");
  BOOST_CHECK_EQUAL(p.sent, "[ab][cde][fg]");
}

BOOST_AUTO_TEST_CASE(answers_an_empty_read_at_once) {
  scene s([](stream peer) -> task<> {
    const auto none = co_await peer.async_read(0);
    const auto nothing = co_await peer.async_read_some(0);
    const std::size_t copied = co_await peer.async_read(std::span<char>());
    co_await put(peer, none && none->empty() && nothing && nothing->empty() && copied == 0 ? "empty" : "not");
  });
  BOOST_CHECK_EQUAL(s.connect().sent, "[empty]");
}

BOOST_AUTO_TEST_CASE(leaves_a_message_that_has_only_begun_to_whoever_asks_for_some_bytes) {
  const auto body = [](stream peer) -> task<> {
    while (auto line = co_await peer.async_read_until('\n')) co_await put(peer, *line);
    BOOST_CHECK(!co_await peer.async_read(5));
    BOOST_CHECK(!co_await peer.async_read_until("st\n"));
    if (auto rest = co_await peer.async_read_some()) co_await put(peer, *rest);
    BOOST_CHECK(!co_await peer.async_read_some());
    BOOST_CHECK(!co_await peer.async_read_some()); // and again
  };
  check_each_cut(body, "one\nrest", "[one\n][rest]");
}

BOOST_AUTO_TEST_CASE(holds_a_message_to_the_callers_limit) {
  for (const std::size_t most : {4, 5}) {
    const auto body = [most](stream peer) -> task<> {
      std::error_code ec;
      while (auto line = co_await peer.async_read_until('\n', most, ec)) co_await put(peer, *line);
      if (ec == std::errc::message_size) co_await put(peer, "too long");
    };
    check_each_cut(body, "abc\nabcd\nx", most == 5 ? "[abc\n][abcd\n]" : "[abc\n][too long]");
    const auto by_string = [most](stream peer) -> task<> {
      std::error_code ec;
      while (auto line = co_await peer.async_read_until("\n", most, ec)) co_await put(peer, *line);
      if (ec == std::errc::message_size) co_await put(peer, "too long");
    };
    check_each_cut(by_string, "abc\nabcd\nx", most == 5 ? "[abc\n][abcd\n]" : "[abc\n][too long]");
    const auto by_length = [most](stream peer) -> task<> {
      std::error_code ec;
      const auto length = [](std::string_view in) { return std::size_t(in[0] - '0'); };
      while (auto m = co_await peer.async_read_until(length, most, ec)) co_await put(peer, *m);
      if (ec == std::errc::message_size) co_await put(peer, "too long");
    };
    check_each_cut(by_length, "4abc5abcd", most == 5 ? "[4abc][5abcd]" : "[4abc][too long]");
  }
}

BOOST_AUTO_TEST_CASE(says_that_a_message_is_too_long_before_it_has_come) {
  scene s([](stream peer) -> task<> {
    std::error_code ec;
    co_await peer.async_read_until('\n', 4, ec);
    co_await put(peer, ec == std::errc::message_size ? "too long" : "fits");
  });
  test::fake_peer& p = s.connect();
  s.send(p, "abc");
  BOOST_CHECK_EQUAL(p.sent, "");
  s.send(p, "d");
  BOOST_CHECK_EQUAL(p.sent, "[too long]");
}

BOOST_AUTO_TEST_CASE(is_called_only_when_what_it_wants_is_there) {
  scene s([](stream peer) -> task<> {
    co_await peer.async_read(100);
    co_await put(peer, "got it");
    co_await peer.async_read_some();
  });
  test::fake_peer& p = s.connect();
  for (int i = 0; i < 99; ++i) s.send(p, "x");
  BOOST_CHECK_EQUAL(p.data_calls, 0); // `open` has said how many
  s.send(p, "x");
  BOOST_CHECK_EQUAL(p.data_calls, 1);
  BOOST_CHECK_EQUAL(p.sent, "[got it]");
}

BOOST_AUTO_TEST_CASE(is_ended_by_the_host_when_it_wants_more_than_the_input_limit) {
  for (const std::size_t over : {0, 1}) {
    scene s([over](stream peer) -> task<> {
      co_await peer.async_read(scene::input_max + over);
      co_await put(peer, "got it");
    });
    test::fake_peer& p = s.connect();
    s.send(p, std::string(scene::input_max, 'x'));
    BOOST_CHECK_EQUAL(p.sent, over ? "" : "[got it]");
    BOOST_CHECK_EQUAL(p.reason, over ? EH_REASON_INPUT_MAX : EH_REASON_PLUGIN);
  }
}

BOOST_AUTO_TEST_CASE(copies_more_than_the_input_limit) {
  const std::string all = test::numbered(3 * scene::input_max);
  std::string buffer(all.size(), '\0');
  bool same = false;
  scene s([&](stream peer) -> task<> {
    const std::size_t n = co_await peer.async_read(buffer);
    same = n == all.size() && buffer == all;
  });
  test::fake_peer& p = s.connect();
  for (std::size_t i = 0; i < all.size(); i += 50'000) s.send(p, std::string_view(all).substr(i, 50'000));
  BOOST_CHECK(same);
}

BOOST_AUTO_TEST_CASE(is_not_called_while_nobody_reads) {
  scene s([](stream peer) -> task<> {
    steady_timer later(peer, std::chrono::seconds(1));
    co_await later.async_wait();
    while (auto some = co_await peer.async_read_some()) co_await put(peer, *some);
  });
  test::fake_peer& p = s.connect();
  for (int i = 0; i < 100; ++i) s.send(p, "x");
  s.end(p);
  BOOST_CHECK_EQUAL(p.data_calls, 1); // which paused it
  BOOST_CHECK(p.paused);
  s.advance(std::chrono::seconds(1));
  BOOST_CHECK_EQUAL(p.sent, "[" + std::string(100, 'x') + "]");
  BOOST_CHECK(p.closed);
}

BOOST_AUTO_TEST_CASE(refuses_a_second_reader_and_serves_the_first) {
  std::error_code second;
  scene s([&](stream peer) -> task<> {
    co_spawn(peer, [](stream peer, std::error_code& second) -> task<> {
      co_await peer.async_read_some(second);
    }(peer, second));
    if (auto some = co_await peer.async_read_some()) co_await put(peer, *some);
  });
  test::fake_peer& p = s.connect();
  BOOST_CHECK(second == std::errc::operation_in_progress);
  s.send(p, "for the first");
  BOOST_CHECK_EQUAL(p.sent, "[for the first]");
}

// The task belongs to one connection, the input comes from another.
BOOST_AUTO_TEST_CASE(reads_from_a_connection_that_is_not_in_hand) {
  std::vector<stream> streams;
  scene s([&](stream peer) -> task<> {
    streams.push_back(peer);
    co_await peer.async_wait_drain();
  });
  test::fake_peer &a = s.connect(), &b = s.connect();
  s.send(b, "early ");
  co_spawn(streams[0].get_executor(), [](stream from, stream to) -> task<> {
    while (auto some = co_await from.async_read_some()) co_await to.async_write(*some);
    co_await to.async_write("over");
  }(streams[1], streams[0]));
  s.run();
  BOOST_CHECK_EQUAL(a.sent, "early ");
  s.send(b, "late ");
  s.end(b);
  BOOST_CHECK_EQUAL(a.sent, "early late over");
  streams.clear();
}

BOOST_AUTO_TEST_SUITE_END()
