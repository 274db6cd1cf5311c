// Distributed under the Boost Software License, Version 1.0.
// What the table of conversations does not show: half-close, time, drain, back-pressure, memory.

#include <epollhost/http/session.hpp>

#include "allocations.hpp"
#include "memory_worker.hpp"
#include "session_case.hpp"
#include "test_plugin.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace http_test;

namespace {

constexpr std::int64_t second = 1'000'000'000;

const std::string get = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string answer = ok("GET /a");
const std::string last_answer = ok("GET /a", "Connection: close\n");
const std::string upload = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n";

struct conversation : memory_worker {
  explicit conversation(const std::vector<std::string>& options = {}) : memory_worker{test_plugin, options} { open(); }
  std::string seen() const { return simplify(output); }
};

std::size_t count(const std::string& text, const std::string& word) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(word, at)) != text.npos; at += word.size()) ++found;
  return found;
}

} // namespace

BOOST_AUTO_TEST_SUITE(session)

// ---- the end of input

BOOST_AUTO_TEST_CASE(closes_at_the_end_of_input) {
  conversation c;
  c.end_input();
  BOOST_TEST(c.ended);
  BOOST_TEST(c.output.empty());
}

BOOST_AUTO_TEST_CASE(answers_a_request_whose_client_half_closed) {
  conversation c;
  c.feed(get);
  c.end_input();
  BOOST_TEST(c.seen() == answer);
  BOOST_TEST(c.ended);
}

BOOST_AUTO_TEST_CASE(answers_nothing_to_a_head_that_was_cut_off) {
  for (std::size_t size = 1; size < get.size(); ++size) {
    conversation c;
    c.feed(std::string_view{get}.substr(0, size));
    c.end_input();
    BOOST_TEST(c.output.empty());
    BOOST_TEST(c.ended);
  }
}

BOOST_AUTO_TEST_CASE(answers_nothing_to_a_body_that_was_cut_off) {
  const std::string request = upload + "\r\n123456789";
  for (std::size_t size = upload.size() + 2; size <= request.size(); ++size) {
    conversation c;
    c.feed(std::string_view{request}.substr(0, size));
    c.end_input();
    BOOST_TEST(c.output.empty());
    BOOST_TEST(c.ended);
  }
}

BOOST_AUTO_TEST_CASE(answers_nothing_to_chunks_that_were_cut_off) {
  const std::string request =
      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nA: b\r\n\r\n";
  for (std::size_t size = 60; size < request.size(); ++size) {
    conversation c;
    c.feed(std::string_view{request}.substr(0, size));
    c.end_input();
    BOOST_TEST(c.output.empty());
    BOOST_TEST(c.ended);
  }
}

BOOST_AUTO_TEST_CASE(leaks_nothing_when_reset_at_any_byte) {
  const std::string request = upload + "Connection: close\r\n\r\n1234567890";
  for (std::size_t size = 0; size <= request.size(); ++size) {
    conversation c;
    c.feed(std::string_view{request}.substr(0, size));
    c.reset(); // the sanitizer's variant tells of a leak
    BOOST_TEST(c.ended);
  }
}

// ---- 100-continue

BOOST_AUTO_TEST_CASE(asks_for_a_body_that_waits) {
  conversation c;
  c.feed(upload + "Expect: 100-continue\r\n\r\n");
  BOOST_TEST(c.seen() == "HTTP/1.1 100 Continue\n\n");
  c.feed("1234567890");
  BOOST_TEST(c.seen() == "HTTP/1.1 100 Continue\n\n" + ok("1234567890"));
}

BOOST_AUTO_TEST_CASE(asks_for_chunks_that_wait) {
  conversation c;
  c.feed("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n");
  BOOST_TEST(c.seen() == "HTTP/1.1 100 Continue\n\n");
  c.feed("1\r\nx\r\n0\r\n\r\n");
  BOOST_TEST(c.seen() == "HTTP/1.1 100 Continue\n\n" + ok("x"));
}

BOOST_AUTO_TEST_CASE(asks_for_no_body_that_is_there_already) {
  conversation c;
  c.feed(upload + "Expect: 100-continue\r\n\r\n12345");
  BOOST_TEST(c.output.empty());
  c.feed("67890");
  BOOST_TEST(c.seen() == ok("1234567890"));
}

BOOST_AUTO_TEST_CASE(asks_for_no_body_in_http_1_0) {
  conversation c;
  c.feed("POST /echo HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n");
  BOOST_TEST(c.output.empty());
  c.feed("x");
  BOOST_TEST(c.seen() == ok("x", "Connection: close\n"));
}

BOOST_AUTO_TEST_CASE(asks_for_no_body_that_is_too_large) {
  conversation c{{"body-max=9"}};
  c.feed(upload + "Expect: 100-continue\r\n\r\n");
  BOOST_TEST(c.seen() == refused("413 Content Too Large", "the body is too large"));
  BOOST_TEST(c.ended);
}

// ---- time

BOOST_AUTO_TEST_CASE(closes_silently_if_nothing_ever_comes) {
  conversation c{{"head-timeout=" + std::to_string(5 * second)}};
  c.advance_ns(5 * second - 1);
  BOOST_TEST(!c.ended);
  c.advance_ns(1);
  BOOST_TEST(c.ended);
  BOOST_TEST(c.output.empty());
}

BOOST_AUTO_TEST_CASE(answers_408_to_a_head_that_takes_too_long) {
  conversation c{{"head-timeout=" + std::to_string(5 * second)}};
  for (int i = 0; i < 4; ++i) {
    c.feed(get.substr(static_cast<std::size_t>(i), 1)); // no byte restarts the time
    c.advance_ns(second);
  }
  BOOST_TEST(!c.ended);
  c.advance_ns(second);
  BOOST_TEST(c.seen() == refused("408 Request Timeout", "the head took too long"));
  BOOST_TEST(c.ended);
}

BOOST_AUTO_TEST_CASE(gives_a_second_head_its_own_time) {
  conversation c{{"head-timeout=" + std::to_string(5 * second)}};
  c.feed(get);
  c.advance_ns(60 * second);
  c.feed("G");
  c.advance_ns(5 * second - 1);
  BOOST_TEST(!c.ended);
  c.advance_ns(1);
  BOOST_TEST(c.seen() == answer + refused("408 Request Timeout", "the head took too long"));
}

BOOST_AUTO_TEST_CASE(closes_silently_when_idle_for_too_long) {
  conversation c{{"idle-timeout=" + std::to_string(7 * second)}};
  c.feed(get);
  c.advance_ns(6 * second);
  c.feed(get);
  c.advance_ns(7 * second - 1);
  BOOST_TEST(!c.ended);
  c.advance_ns(1);
  BOOST_TEST(c.ended);
  BOOST_TEST(c.seen() == answer + answer);
}

BOOST_AUTO_TEST_CASE(waits_while_its_answer_is_under_way) {
  conversation c{{"idle-timeout=" + std::to_string(7 * second)}};
  c.stop_reading();
  c.feed(get);
  c.advance_ns(8 * second);
  BOOST_TEST(!c.ended);
  c.start_reading();
  c.advance_ns(8 * second);
  BOOST_TEST(c.ended);
  BOOST_TEST(c.seen() == answer);
}

// "2562047h" and the largest number there is: they end after the clock does.
BOOST_AUTO_TEST_CASE(never_ends_with_timeouts_that_are_longer_than_the_clock) {
  for (const std::string time : {"9223369200000000000", "9223372036854775807"}) {
    conversation c{{"head-timeout=" + time, "idle-timeout=" + time, "body-timeout=" + time}};
    c.advance_ns(3600 * second);
    c.feed("G");
    c.advance_ns(3600 * second);
    c.feed(get.substr(1));
    c.advance_ns(3600 * second);
    c.feed(upload + "\r\n");
    c.advance_ns(3600 * second);
    BOOST_TEST(!c.ended);
    BOOST_TEST(c.seen() == answer);
  }
}

BOOST_AUTO_TEST_CASE(never_ends_without_timeouts) {
  conversation c{{"head-timeout=0", "idle-timeout=0", "body-timeout=0"}};
  c.advance_ns(3600 * second);
  c.feed("G");
  c.advance_ns(3600 * second);
  c.feed(get.substr(1));
  c.advance_ns(3600 * second);
  c.feed(upload + "\r\n");
  c.advance_ns(3600 * second);
  BOOST_TEST(!c.ended);
  c.feed("1234567890");
  BOOST_TEST(c.seen() == answer + ok("1234567890"));
}

BOOST_AUTO_TEST_CASE(answers_408_to_a_body_that_comes_too_slowly) {
  conversation c{{"body-timeout=" + std::to_string(second), "body-rate=100"}};
  c.feed("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
  for (int i = 0; i < 3; ++i) {
    c.feed(std::string(100, 'x'));
    c.advance_ns(second);
    BOOST_TEST(!c.ended);
  }
  c.feed(std::string(99, 'x'));
  c.advance_ns(second);
  BOOST_TEST(c.seen() == refused("408 Request Timeout", "the body came too slowly"));
  BOOST_TEST(c.lingered);
}

BOOST_AUTO_TEST_CASE(refreshes_the_date_once_a_second) {
  conversation c;
  c.feed(get);
  c.advance_ns(second - 1);
  c.feed(get);
  c.advance_ns(1);
  c.feed(get);
  BOOST_TEST(count(c.output, "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n") == 2u);
  BOOST_TEST(count(c.output, "Date: Sun, 06 Nov 1994 08:49:38 GMT\r\n") == 1u);
}

BOOST_AUTO_TEST_CASE(begins_a_new_second_when_the_wall_clock_does) {
  memory_worker c{test_plugin};
  c.wall_now_ns += second - 1;
  c.open();
  c.feed(get);
  c.advance_ns(1);
  c.feed(get);
  BOOST_TEST(count(c.output, "08:49:37") == 1u);
  BOOST_TEST(count(c.output, "08:49:38") == 1u);
}

// ---- drain

BOOST_AUTO_TEST_CASE(closes_behind_the_next_answer_when_draining) {
  conversation c;
  c.feed(get);
  c.drain();
  BOOST_TEST(!c.ended);
  c.feed(get + get);
  BOOST_TEST(c.seen() == answer + last_answer);
  BOOST_TEST(c.ended);
}

BOOST_AUTO_TEST_CASE(says_close_on_every_path_when_draining) {
  const std::string content = "Host: a\r\nContent-Length: 1\r\n\r\nx";
  const std::string chunked = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n";
  for (const std::string& request : std::vector<std::string>{
           get, "HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n", "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
           "POST /echo HTTP/1.1\r\n" + content, chunked, "BREW /a HTTP/1.1\r\nHost: a\r\n\r\n",
           "TRACE /a HTTP/1.1\r\nHost: a\r\n\r\n", "PUT /a HTTP/1.1\r\nHost: a\r\nExpect: b\r\n\r\n",
           "GET /204 HTTP/1.1\r\nHost: a\r\n\r\n", "GET /large HTTP/1.1\r\nHost: a\r\n\r\n"})
    for (const std::size_t cut : {std::size_t{0}, std::size_t{9}, request.size() - 1}) { // drained before or within it
      conversation c;
      c.feed(request.substr(0, cut));
      c.drain();
      c.feed(request.substr(cut) + get);
      BOOST_TEST(count(c.output, "\r\nConnection: close\r\n") == 1u);
      BOOST_TEST(count(c.output, "HTTP/1.1 ") == 1u);
      BOOST_TEST(c.ended);
    }
}

BOOST_AUTO_TEST_CASE(says_close_in_a_prepared_answer_when_draining) {
  for (const char* path : {"/", "/large"}) {
    memory_worker c{prepared_plugin};
    c.open();
    c.drain();
    c.feed("GET " + std::string{path} + " HTTP/1.1\r\nHost: a\r\n\r\n" + get);
    BOOST_TEST(count(c.output, "\r\nConnection: close\r\n") == 1u);
    BOOST_TEST(count(c.output, "HTTP/1.1 ") == 1u);
    BOOST_TEST(c.ended);
  }
}

// ---- pipelining and back-pressure

BOOST_AUTO_TEST_CASE(answers_a_batch_in_one_call) {
  conversation c;
  c.feed(get + get + get);
  BOOST_TEST(c.seen() == answer + answer + answer);
  BOOST_TEST(c.data_calls == 1u);
}

BOOST_AUTO_TEST_CASE(answers_a_thousand_requests_in_order) {
  conversation c;
  std::string requests, answers;
  for (int i = 0; i < 1000; ++i) {
    const std::string target = "/number/" + std::to_string(i);
    requests += "GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n";
    answers += ok("GET " + target);
  }
  c.feed(requests);
  BOOST_TEST(c.seen() == answers);
  BOOST_TEST(!c.ended);
}

BOOST_AUTO_TEST_CASE(stops_answering_a_peer_that_does_not_read) {
  conversation c;
  c.stop_reading();
  std::string requests;
  for (int i = 0; i < 10'000; ++i) requests += get;
  c.feed(requests);
  BOOST_TEST(c.queued_bytes() < 300'000u);
  BOOST_TEST(!c.unconsumed().empty());
  c.start_reading();
  BOOST_TEST(count(c.output, "GET /a") == 10'000u);
  BOOST_TEST(c.unconsumed().empty());
}

BOOST_AUTO_TEST_CASE(answers_all_before_the_end_of_input_to_a_slow_reader) {
  conversation c;
  c.stop_reading();
  std::string requests;
  for (int i = 0; i < 10'000; ++i) requests += get;
  c.feed(requests);
  c.end_input();
  BOOST_TEST(!c.ended);
  c.start_reading();
  BOOST_TEST(count(c.output, "GET /a") == 10'000u);
  BOOST_TEST(count(c.output, "Connection: close") == 1u);
  BOOST_TEST(c.ended);
}

BOOST_AUTO_TEST_CASE(sends_an_answer_larger_than_the_window) {
  conversation c;
  c.feed("GET /large HTTP/1.1\r\nHost: a\r\n\r\n" + get);
  BOOST_TEST(c.seen() == ok(std::string(1 << 20, 'x')) + answer);
}

BOOST_AUTO_TEST_CASE(sends_an_answer_larger_than_the_queue) {
  conversation c;
  c.stop_reading();
  c.feed("GET /huge HTTP/1.1\r\nHost: a\r\n\r\n" + get);
  BOOST_TEST(c.queued_bytes() <= c.output_max);
  c.start_reading();
  BOOST_TEST((c.seen() == ok(std::string(10 << 20, 'y')) + answer));
  BOOST_TEST(!c.ended);
}

BOOST_AUTO_TEST_CASE(sends_an_answer_larger_than_the_queue_to_a_client_that_half_closed) {
  conversation c;
  c.stop_reading();
  c.feed("GET /huge HTTP/1.1\r\nHost: a\r\n\r\n" + get);
  c.end_input();
  BOOST_TEST(!c.ended);
  c.start_reading();
  BOOST_TEST((c.seen() == ok(std::string(10 << 20, 'y')) + last_answer));
  BOOST_TEST(c.ended);
}

BOOST_AUTO_TEST_CASE(closes_behind_an_answer_larger_than_the_queue) {
  conversation c;
  c.stop_reading();
  c.feed("GET /huge HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + get);
  c.start_reading();
  BOOST_TEST((c.seen() == ok(std::string(10 << 20, 'y'), "Connection: close\n")));
  BOOST_TEST(c.ended);
}

BOOST_AUTO_TEST_CASE(sends_no_large_content_for_head) {
  conversation c;
  c.feed("HEAD /huge HTTP/1.1\r\nHost: a\r\n\r\n" + get);
  BOOST_TEST(count(c.output, "Content-Length: 10485760\r\n") == 1u);
  BOOST_TEST(c.output.size() < 1000u);
}

BOOST_AUTO_TEST_CASE(takes_a_body_larger_than_the_input_that_a_host_keeps) {
  conversation c;
  const std::string content(1'000'000, 'b');
  c.feed("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
  for (std::size_t at = 0; at < content.size(); at += 50'000) {
    c.feed(content.substr(at, 50'000));
    BOOST_TEST(c.unconsumed().empty());
  }
  BOOST_TEST((c.seen() == ok(content)));
}

// ---- the prepared answer

BOOST_AUTO_TEST_CASE(sends_a_prepared_answer_in_all_its_forms) {
  memory_worker c{prepared_plugin};
  c.open();
  c.feed(get + "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" +
         "GET / HTTP/1.0\r\n\r\n");
  const std::string hello = "Hello, world!";
  const std::string whole = ok(hello);
  BOOST_TEST(simplify(c.output) == whole + whole.substr(0, whole.size() - hello.size()) +
                                       ok(hello, "Connection: keep-alive\n") + ok(hello, "Connection: close\n"));
  BOOST_TEST(c.ended);
}

BOOST_AUTO_TEST_CASE(sends_a_large_prepared_answer_by_reference) {
  memory_worker c{prepared_plugin};
  c.open();
  c.feed("GET /large HTTP/1.1\r\nHost: a\r\n\r\nHEAD /large HTTP/1.1\r\nHost: a\r\n\r\n" + get);
  const std::string whole = ok(std::string(100'000, 'z'));
  BOOST_TEST((simplify(c.output) == whole + whole.substr(0, whole.size() - 100'000) + ok("Hello, world!")));
}

BOOST_AUTO_TEST_CASE(refreshes_the_date_of_a_prepared_answer) {
  memory_worker c{prepared_plugin};
  c.open();
  c.feed(get);
  c.advance_ns(second);
  c.feed(get);
  BOOST_TEST(count(c.output, "08:49:37") == 1u);
  BOOST_TEST(count(c.output, "08:49:38") == 1u);
}

// ---- memory

BOOST_AUTO_TEST_CASE(costs_an_idle_connection_at_most_40_bytes) {
  BOOST_TEST(test_plugin.hooks->state_size <= 40u);
  BOOST_TEST(prepared_plugin.hooks->state_size <= 40u);
}

BOOST_AUTO_TEST_CASE(allocates_nothing_for_a_prepared_answer) {
  memory_worker c{prepared_plugin};
  c.open();
  c.output.reserve(64 * 1024 * 1024);
  const std::string body = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
  c.feed(get + body);
  const auto worker_allocations = [&] { // what the memory worker itself needs for a call, taken from one that answers
    const std::size_t before = allocations();
    c.feed(get + body);
    return allocations() - before;
  };
  const std::size_t usual = worker_allocations();
  std::size_t all = 0;
  for (int i = 0; i < 10'000; ++i) all += worker_allocations();
  BOOST_TEST(all == usual * 10'000);
  BOOST_TEST(usual <= 3u); // the two strings of this line's requests, and the queue's
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(plugin)

BOOST_AUTO_TEST_CASE(logs_what_a_handler_threw) {
  conversation c;
  c.feed("GET /throw HTTP/1.1\r\nHost: a\r\n\r\n");
  BOOST_TEST(c.log_lines.find("the handler's own fault") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(offers_every_limit_as_an_option) {
  std::string names;
  for (std::uint32_t i = 0; i < test_plugin.option_count; ++i) names += std::string{test_plugin.options[i].name} + " ";
  BOOST_TEST(names ==
             "keep-alive strict head-max target-max fields-max method-max empty-lines-max body-max chunk-extension-max "
             "trailers-max trailer-fields-max requests-max head-timeout idle-timeout body-timeout body-rate "
             "access-log access-log-format ");
}

BOOST_AUTO_TEST_SUITE_END()
