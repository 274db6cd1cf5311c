// Distributed under the Boost Software License, Version 1.0.
// Answers that come later or in pieces, and content that is taken as it comes.

#include <epollhost/http/session.hpp>

#include "memory_worker.hpp"
#include "session_case.hpp"
#include "test_plugin.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <vector>

using namespace http_test;

namespace {

constexpr std::int64_t second = 1'000'000'000;

std::string get(const std::string& path, const std::string& lines = {}) {
  return "GET " + path + " HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n";
}

const std::string upload = "POST /up HTTP/1.1\r\nHost: a\r\n";
const std::string begun = "HTTP/1.1 200 OK\nDate: <date>\nContent-Type: text/plain; charset=utf-8\n";
const std::string chunks = begun + "Transfer-Encoding: chunked\n\n";

struct conversation : memory_worker {
  explicit conversation(const std::vector<std::string>& options = {}, std::uint64_t most = 4 * 1024 * 1024)
      : memory_worker{late_plugin, options, most} {
    open();
  }
  std::string seen() const { return simplify(output); }

  /// News of the request that was read last.
  void wake(std::uint16_t what) { memory_worker::wake(late_token() | what); }
  void fire(std::uint16_t what) { memory_worker::fire(late_token() | what); }
};

} // namespace

BOOST_AUTO_TEST_SUITE(late_answers)

BOOST_AUTO_TEST_CASE(sends_an_answer_when_it_is_woken) {
  conversation c;
  c.feed(get("/late"));
  BOOST_TEST(c.output.empty());
  c.wake(7);
  BOOST_TEST(c.seen() == ok("wake 7"));
  BOOST_TEST(!c.ended);
}

BOOST_AUTO_TEST_CASE(sends_an_answer_when_a_timer_fires) {
  conversation c;
  c.feed(get("/late"));
  c.fire(9);
  BOOST_TEST(c.seen() == ok("timer 9"));
}

BOOST_AUTO_TEST_CASE(ignores_news_for_which_nobody_waits) {
  conversation c;
  c.wake(1);
  c.feed(get("/"));
  c.wake(2);
  c.fire(3);
  BOOST_TEST(c.seen() == ok("."));
  BOOST_TEST(!c.ended);
}

BOOST_AUTO_TEST_CASE(keeps_the_order_behind_a_late_answer) {
  conversation c;
  c.feed(get("/") + get("/late") + get("/") + get("/late"));
  BOOST_TEST(c.seen() == ok("."));
  c.feed(get("/"));
  BOOST_TEST(c.seen() == ok("."));
  c.wake(1);
  BOOST_TEST(c.seen() == ok(".") + ok("wake 1") + ok("."));
  c.wake(2);
  BOOST_TEST(c.seen() == ok(".") + ok("wake 1") + ok(".") + ok("wake 2") + ok("."));
}

BOOST_AUTO_TEST_CASE(answers_later_a_client_that_half_closed_with_its_request) {
  conversation c;
  c.feed(get("/late"));
  c.end_input();
  BOOST_TEST(!c.ended);
  c.wake(1);
  BOOST_TEST(c.seen() == ok("wake 1"));
  BOOST_TEST(c.ended);
}

BOOST_AUTO_TEST_CASE(answers_all_that_a_client_asked_before_it_half_closed) {
  conversation c;
  c.feed(get("/late") + get("/late"));
  c.end_input();
  c.wake(1);
  BOOST_TEST(!c.ended);
  c.wake(2);
  BOOST_TEST(c.seen() == ok("wake 1") + ok("wake 2", "Connection: close\n"));
  BOOST_TEST(c.ended);
}

BOOST_AUTO_TEST_CASE(closes_behind_a_late_answer_when_asked) {
  conversation c;
  c.feed(get("/late", "Connection: close\r\n") + get("/"));
  c.wake(1);
  BOOST_TEST(c.seen() == ok("wake 1", "Connection: close\n"));
  BOOST_TEST(c.ended);
}

BOOST_AUTO_TEST_CASE(says_close_in_a_late_answer_when_draining) {
  conversation c;
  c.feed(get("/late"));
  c.drain();
  c.wake(1);
  BOOST_TEST(c.seen() == ok("wake 1", "Connection: close\n"));
  BOOST_TEST(c.ended);
}

BOOST_AUTO_TEST_CASE(has_no_deadline_while_the_handler_thinks) {
  conversation c{{"head-timeout=" + std::to_string(second), "idle-timeout=" + std::to_string(second)}};
  c.feed(get("/late"));
  c.advance_ns(3600 * second);
  BOOST_TEST(!c.ended);
  c.wake(1);
  BOOST_TEST(c.seen() == ok("wake 1"));
  c.advance_ns(second);
  BOOST_TEST(c.ended);
}

// A wake that was meant for one answer never completes another.
BOOST_AUTO_TEST_CASE(hears_only_news_of_the_exchange_in_hand) {
  conversation c;
  c.feed(get("/late") + get("/late"));
  const std::uint64_t first = late_token();
  c.wake(1);
  BOOST_TEST(late_token() != first);
  c.memory_worker::wake(first | 2);
  c.memory_worker::fire(first | 3);
  BOOST_TEST(c.seen() == ok("wake 1"));
  c.wake(4);
  BOOST_TEST(c.seen() == ok("wake 1") + ok("wake 4"));
}

BOOST_AUTO_TEST_CASE(answers_once_when_a_result_comes_after_the_timeout) {
  conversation c;
  c.feed(get("/late"));
  const std::uint64_t slow = late_token();
  c.fire(1); // the handler has waited long enough
  c.memory_worker::wake(slow | 2);
  c.feed(get("/late"));
  c.memory_worker::wake(slow | 2);
  BOOST_TEST(c.seen() == ok("timer 1"));
  c.wake(3);
  BOOST_TEST(c.seen() == ok("timer 1") + ok("wake 3"));
  BOOST_TEST(c.log_lines.empty());
}

// A proxy in front sends the requests of different people over one connection, and the host may give an old
// connection's slot to another: the number is never the same.
BOOST_AUTO_TEST_CASE(never_gives_one_client_the_answer_of_another) {
  conversation c;
  c.feed(get("/late"));
  const std::uint64_t of_the_one = late_token();
  c.reset();
  c.ended = false;
  c.unpause();
  c.open();
  c.feed(get("/late"));
  c.memory_worker::wake(of_the_one | 1);
  BOOST_TEST(c.output.empty());
  c.wake(2);
  BOOST_TEST(c.seen() == ok("wake 2"));
}

BOOST_AUTO_TEST_CASE(says_once_that_an_argument_is_no_token) {
  conversation c;
  c.feed(get("/late"));
  c.memory_worker::wake(7);
  c.memory_worker::fire(8);
  BOOST_TEST(c.output.empty());
  BOOST_TEST(c.log_lines.find("argument 7 is ignored") != std::string::npos);
  BOOST_TEST(c.log_lines.find("argument 8") == std::string::npos);
  c.wake(1);
  BOOST_TEST(c.seen() == ok("wake 1"));
}

BOOST_AUTO_TEST_CASE(tells_once_of_a_peer_that_went_while_it_waited) {
  const unsigned before = late_drops();
  {
    conversation c;
    c.feed(get("/late"));
    c.reset();
    BOOST_TEST(late_drops() == before + 1);
  }
  BOOST_TEST(late_drops() == before + 1);
}

BOOST_AUTO_TEST_CASE(tells_of_no_drop_behind_a_whole_answer) {
  const unsigned before = late_drops();
  {
    conversation c;
    c.feed(get("/late") + upload + "Content-Length: 1\r\n\r\nx");
    c.wake(1);
    c.reset();
  }
  BOOST_TEST(late_drops() == before);
}

BOOST_AUTO_TEST_CASE(answers_500_to_a_handler_that_throws_behind_its_promise) {
  for (const char* path : {"/throw", "/throw-later"}) {
    conversation c;
    c.feed(get(path) + get("/"));
    c.wake(1);
    BOOST_TEST(c.seen() == refused("500 Internal Server Error"));
    BOOST_TEST(c.ended);
  }
}

// "?" is what it throws at: as the whole content, as its last piece, and as one in the middle.
BOOST_AUTO_TEST_CASE(answers_500_and_nothing_more_to_a_handler_that_throws_at_a_piece) {
  for (const std::string before : {"", "ab"})
    for (const std::string behind : {"", "cd"}) {
      conversation c;
      c.feed(upload + "Content-Length: " + std::to_string(before.size() + 1 + behind.size()) + "\r\n\r\n");
      if (!before.empty()) c.feed(before);
      c.feed("?");
      c.feed(behind + get("/"));
      BOOST_TEST(c.seen() == refused("500 Internal Server Error"));
      BOOST_TEST(c.ended);
    }
}

BOOST_AUTO_TEST_CASE(answers_500_for_a_service_that_can_keep_no_promise) {
  memory_worker c{forgetful_plugin};
  c.open();
  c.feed(get("/"));
  BOOST_TEST(simplify(c.output) == refused("500 Internal Server Error"));
  BOOST_TEST(c.log_lines.find("has no resume()") != std::string::npos);
  BOOST_TEST(c.ended);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(answers_in_pieces)

BOOST_AUTO_TEST_CASE(sends_chunks_as_they_come) {
  conversation c;
  c.feed(get("/chunks") + get("/"));
  BOOST_TEST(c.seen() == chunks);
  c.wake(12);
  BOOST_TEST(c.seen() == chunks + "2\n12\n");
  c.wake(345);
  c.wake(0);
  BOOST_TEST(c.seen() == chunks + "2\n12\n3\n345\n0\n\n" + ok("."));
  BOOST_TEST(!c.ended);
}

BOOST_AUTO_TEST_CASE(ends_the_connection_behind_pieces_for_http_1_0) {
  conversation c;
  c.feed("GET /chunks HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  c.wake(12);
  c.wake(0);
  BOOST_TEST(c.seen() == begun + "Connection: close\n\n12");
  BOOST_TEST(c.ended);
}

BOOST_AUTO_TEST_CASE(sends_a_promised_length) {
  conversation c;
  c.feed(get("/six"));
  c.wake(123);
  c.wake(456);
  c.wake(0);
  BOOST_TEST(c.seen() == begun + "Content-Length: 6\n\n123456");
  BOOST_TEST(!c.ended);
}

BOOST_AUTO_TEST_CASE(breaks_off_where_a_promised_length_is_not_met) {
  for (const auto& pieces : {std::vector<std::uint16_t>{123, 4567}, {12345, 0}, {123, 456, 7}}) {
    conversation c;
    c.feed(get("/six"));
    for (const std::uint16_t piece : pieces) c.wake(piece);
    BOOST_TEST(c.seen().starts_with(begun + "Content-Length: 6\n\n123"));
    BOOST_TEST(c.ended);
    BOOST_TEST(c.log_lines.find("content than was promised") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(sends_no_pieces_for_head_and_204) {
  for (const std::string& request : {std::string{"HEAD /chunks HTTP/1.1\r\nHost: a\r\n\r\n"}, get("/204")}) {
    conversation c;
    c.feed(request + get("/"));
    const std::string head = c.seen();
    BOOST_TEST(head.ends_with("\n\n"));
    c.wake(12);
    c.wake(0);
    BOOST_TEST(c.seen() == head + ok("."));
  }
}

BOOST_AUTO_TEST_CASE(writes_on_as_the_peer_reads) {
  conversation c;
  c.stop_reading();
  c.feed(get("/flood") + get("/"));
  BOOST_TEST(c.queued_bytes() <= c.output_max);
  c.wake(1); // finds no room, and harms nothing
  BOOST_TEST(c.queued_bytes() <= c.output_max);
  c.start_reading();
  BOOST_TEST(std::count(c.output.begin(), c.output.end(), 'Z') == 10'000'000);
  BOOST_TEST(c.seen().ends_with("\n0\n\n" + ok(".")));
}

BOOST_AUTO_TEST_CASE(sends_all_of_it_whatever_the_bound_of_queued_output) {
  for (const std::uint64_t most : {16 * 1024, 16 * 1024 + 1, 20'000, 64 * 1024, 100'000}) {
    for (const char* path : {"/flood", "/large"}) {
      conversation c{{}, most};
      c.stop_reading();
      c.feed(get(path) + get("/"));
      BOOST_TEST(c.queued_bytes() <= most);
      c.start_reading();
      BOOST_TEST(c.output.size() > 6'000'000u);
      BOOST_TEST(c.seen().ends_with(ok(".")));
    }
  }
}

BOOST_AUTO_TEST_CASE(tells_of_a_peer_that_went_between_two_pieces) {
  const unsigned before = late_drops();
  {
    conversation c;
    c.feed(get("/chunks"));
    c.wake(1);
    c.reset();
  }
  BOOST_TEST(late_drops() == before + 1);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(content_in_pieces)

BOOST_AUTO_TEST_CASE(hands_content_over_as_it_comes) {
  conversation c;
  c.feed(upload + "Content-Length: 5\r\n\r\nab");
  c.feed("c");
  BOOST_TEST(c.unconsumed().empty());
  c.feed("de" + get("/"));
  BOOST_TEST(c.seen() == ok("[ab][c][de].") + ok("."));
}

BOOST_AUTO_TEST_CASE(hands_chunks_over_and_their_trailers) {
  conversation c;
  c.feed("POST /trailer HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n2\r\nyz\r\n0\r\nA: b\r\n");
  c.feed("\r\n" + get("/"));
  BOOST_TEST(c.seen() == ok("b") + ok("[x][yz]."));
}

BOOST_AUTO_TEST_CASE(reads_no_more_while_the_handler_wants_a_pause) {
  conversation c{{"body-timeout=" + std::to_string(second), "body-rate=100"}};
  c.feed(upload + "Content-Length: 4\r\n\r\n!");
  c.feed("ab");
  BOOST_TEST(c.unconsumed() == "ab");
  c.advance_ns(60 * second); // the peer is not to blame
  BOOST_TEST(!c.ended);
  c.unpause();
  c.feed("c");
  BOOST_TEST(c.seen() == ok("[!][abc]."));
}

// The answer before is large: its rest goes out while the handler wants no more of the next request's content.
BOOST_AUTO_TEST_CASE(holds_a_pause_when_there_is_room_again) {
  conversation c;
  const std::string rest = "4\r\nabcd\r\n0\r\n\r\n" + get("/");
  c.stop_reading();
  c.feed(get("/large") + upload + "Transfer-Encoding: chunked\r\n\r\n1\r\n!\r\n" + rest);
  c.start_reading(); // there is room twice: for the answer's rest, behind which the piece is read, and behind that
  BOOST_TEST((c.seen() == ok(std::string(6'000'000, 'L'))));
  c.wake(1);
  c.fire(2);
  c.feed(get("/"));
  BOOST_TEST(c.unconsumed() == "\r\n" + rest + get("/"));
  c.output.clear();
  c.unpause();
  c.feed({});
  BOOST_TEST(c.seen() == ok("[!][abcd].") + ok(".") + ok("."));
}

BOOST_AUTO_TEST_CASE(tells_once_of_a_request_that_was_cut_off) {
  const unsigned before = late_drops();
  for (const char* content : {"x", "xy"}) {
    conversation c;
    c.feed(upload + "Content-Length: 3\r\n\r\n" + content);
    c.end_input();
    BOOST_TEST(c.output.empty());
    BOOST_TEST(c.ended);
  }
  BOOST_TEST(late_drops() == before + 2);
}

BOOST_AUTO_TEST_CASE(answers_500_to_a_piece_that_the_handler_does_not_like) {
  conversation c;
  c.feed(upload + "Content-Length: 3\r\n\r\n?");
  BOOST_TEST(c.seen() == refused("500 Internal Server Error"));
  BOOST_TEST(c.lingered);
}

BOOST_AUTO_TEST_SUITE_END()
