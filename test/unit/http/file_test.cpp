// Distributed under the Boost Software License, Version 1.0.
// Answers whose content is part of a file.

#include <epollhost/http/reply.hpp>

#include "memory_worker.hpp"
#include "session_case.hpp"
#include "test_plugin.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>

using namespace http_test;

namespace {

constexpr std::size_t small_max = 32 * 1024;

std::string get(const std::string& path, const std::string& method = "GET") {
  return method + " " + path + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

std::ptrdiff_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return std::distance(begin(all), end(all));
}

// Whatever is asked, no descriptor is left over.
struct conversation : memory_worker {
  explicit conversation(std::uint64_t window = EH_OUT_MIN) : memory_worker{file_plugin} {
    window_bytes = window;
    open();
  }
  ~conversation() { BOOST_TEST(open_descriptors() == before); }
  std::string seen() const { return simplify(output); }
  std::ptrdiff_t before = open_descriptors();
};

std::string file(std::size_t bytes, const std::string& more = {}) { return ok(std::string(bytes, 'f'), more); }

} // namespace

BOOST_AUTO_TEST_SUITE(file_answers)

BOOST_AUTO_TEST_CASE(reads_small_content_and_queues_what_is_larger) {
  for (const std::size_t bytes : {std::size_t(1), small_max - 1000, small_max, small_max + 1, std::size_t(300'000)}) {
    conversation c(64 * 1024);
    c.feed(get("/" + std::to_string(bytes)));
    BOOST_TEST((c.seen() == file(bytes)));
    BOOST_TEST(c.files_sent == (bytes > small_max ? 1u : 0u));
    BOOST_TEST(!c.ended);
  }
}

BOOST_AUTO_TEST_CASE(answers_pipelined_requests_in_their_order) {
  conversation c;
  c.feed(get("/100000") + get("/10") + get("/300000") + get("/0") + get("/50000"));
  BOOST_TEST((c.seen() == file(100'000) + file(10) + file(300'000) + file(0) + file(50'000)));
}

// One file at a time, or a pipelining client would hold a descriptor for each request.
BOOST_AUTO_TEST_CASE(sends_the_next_file_when_the_one_before_has_left) {
  conversation c;
  c.stop_reading();
  c.feed(get("/100000") + get("/50000"));
  BOOST_TEST(c.files_sent == 1u);
  c.start_reading();
  BOOST_TEST((c.seen() == file(100'000) + file(50'000)));
}

BOOST_AUTO_TEST_CASE(answers_the_last_request_of_a_client_that_half_closed) {
  conversation c;
  c.stop_reading();
  c.feed(get("/100000") + get("/50000"));
  c.end_input();
  c.start_reading();
  BOOST_TEST((c.seen() == file(100'000) + file(50'000, "Connection: close\n")));
  BOOST_TEST(c.ended);
}

BOOST_AUTO_TEST_CASE(sends_no_content_for_head_and_304_and_an_empty_file) {
  conversation c;
  c.feed(get("/100000", "HEAD") + get("/304") + get("/0"));
  const std::string head = "HTTP/1.1 200 OK\nDate: <date>\nContent-Type: text/plain; charset=utf-8\n";
  BOOST_TEST(c.seen() == head + "Content-Length: 100000\n\nHTTP/1.1 304 Not Modified\nDate: <date>\n\n" + head +
                             "Content-Length: 0\n\n");
  BOOST_TEST(c.files_sent == 0u);
}

BOOST_AUTO_TEST_CASE(closes_behind_the_file_for_http_1_0) {
  conversation c;
  c.feed("GET /100000 HTTP/1.0\r\n\r\n");
  BOOST_TEST((c.seen() == file(100'000, "Connection: close\n")));
  BOOST_TEST(c.ended);
}

BOOST_AUTO_TEST_CASE(sends_a_file_later) {
  conversation c;
  c.feed(get("/late/100000") + get("/10"));
  BOOST_TEST(c.output.empty());
  c.wake(file_token());
  BOOST_TEST((c.seen() == file(100'000) + file(10)));
}

BOOST_AUTO_TEST_CASE(resets_when_the_file_is_shorter_than_was_said) {
  for (const std::string path : {"/300001", "/late/300001"}) {
    conversation c;
    c.feed(get(path) + get("/10"));
    if (path != "/300001") c.wake(file_token());
    BOOST_TEST(c.aborted);
    BOOST_TEST(!c.failed);
    BOOST_TEST(c.log_lines.find("a file can't be sent whole") != std::string::npos);
  }
}

// The place for what the host did not take is shared by all connections.
BOOST_AUTO_TEST_CASE(keeps_nothing_of_an_answer_whose_handler_threw) {
  conversation c;
  c.stop_reading();
  c.feed(get("/left")); // its answer was complete, so the client gets it
  BOOST_TEST(!c.failed);
  c.output.clear();
  c.reset();
  c.ended = false;
  c.open();
  c.start_reading();
  c.output.clear();
  c.feed(get("/100000"));
  BOOST_TEST(c.seen().size() == file(100'000).size());
}

BOOST_AUTO_TEST_SUITE_END()
