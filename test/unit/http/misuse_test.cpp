// Distributed under the Boost Software License, Version 1.0.
// What a handler that misuses its reply puts on the wire: nothing that is wrong.

#include <epollhost/http/reply.hpp>

#include "memory_worker.hpp"
#include "session_case.hpp"
#include "test_plugin.hpp"

#include <boost/test/unit_test.hpp>

#include <type_traits>

using namespace http_test;

namespace {

std::string get(const std::string& calls, const std::string& version = "1.1") {
  return "GET /" + calls + " HTTP/" + version + "\r\nHost: a\r\n\r\n";
}

struct conversation : memory_worker {
  explicit conversation(std::vector<std::string> options = {}) : memory_worker{clumsy_plugin, options} { open(); }
  std::string seen() const { return simplify(output); }

  /// The request, and the wake that a promise waits for.
  void ask(const std::string& calls, const std::string& version = "1.1") {
    feed(get(calls, version));
    if (calls.find('-') != calls.npos) wake(clumsy_token());
  }
};

const std::string begun = "HTTP/1.1 200 OK\nDate: <date>\nContent-Type: text/plain; charset=utf-8\n";
const std::string chunks = begun + "Transfer-Encoding: chunked\n\n";
const std::string six = begun + "Content-Length: 6\n\n";
const std::string failed_500 = refused("500 Internal Server Error");
const std::string page = ok("page"), sent = ok("sent"), nothing = ok("");

struct row {
  const char* calls;
  std::string answer;
  const char* log;
};

const row rows[] = {
    {"ss", sent, "send() after send()"},
    {"ps", page, "send() after send()"},
    {"sp", sent, "send() after send()"},
    {"fs", nothing, "send() after send()"},
    {"sf", sent, "send_file() after send()"},
    {"sb", sent, "begin() after send()"},
    {"sc", sent, "begin() after send()"},
    {"sw", sent, "write() after send()"},
    {"se", sent, "end() after send()"},
    {"sl", sent, "later() after send()"},
    {"bs", chunks, "send() after begin()"},
    {"bp", chunks, "send() after begin()"},
    {"bf", chunks, "send_file() after begin()"},
    {"bb", chunks, "begin() after begin()"},
    {"cb", six, "begin() after begin()"},
    {"bws", chunks + "3\nabc\n", "send() after begin()"},
    {"bwee", chunks + "3\nabc\n0\n\n", "end() after end()"},
    {"bwew", chunks + "3\nabc\n0\n\n", "write() after end()"},
    {"bwes", chunks + "3\nabc\n0\n\n", "send() after end()"},
    {"cwwe", six + "abcabc", nullptr},
    {"cwwww", six + "abcabc", "more content than was promised"},
    {"cwe", six + "abc", "less content than was promised"},
    {"w", failed_500, "write() before begin()"},
    {"e", failed_500, "end() before begin()"},
    {"ws", failed_500, "write() before begin()"},
    {"", failed_500, "the handler has sent no answer"},
    {"x", failed_500, "the handler threw: told so"},
    {"sx", sent, "the handler threw: told so"},
    {"bx", chunks, "the handler threw: told so"},
    {"l-ss", sent, "send() after send()"},
    {"l-w", failed_500, "write() before begin()"},
    {"l-x", failed_500, "the handler threw: told so"},
    {"l-sx", sent, "the handler threw: told so"},
    {"b-s", chunks, "send() after begin()"},
    {"b-ee", chunks + "0\n\n", "end() after end()"},
    {"b-wex", chunks + "3\nabc\n0\n\n", "the handler threw: told so"},
    {"cw-ww", six + "abcabc", "more content than was promised"},
    {"cw-e", six + "abc", "less content than was promised"},
};

} // namespace

BOOST_AUTO_TEST_SUITE(misuse)

BOOST_AUTO_TEST_CASE(puts_nothing_wrong_on_the_wire_and_is_named) {
  for (const row& r : rows) {
    BOOST_TEST_CONTEXT(r.calls) {
      conversation c;
      c.feed(get("p"));
      c.ask(r.calls);
      c.feed(get("s")); // is answered only if nothing was wrong
      BOOST_TEST(c.seen() == page + r.answer + (r.log ? "" : sent));
      BOOST_TEST(c.ended == (r.log != nullptr));
      BOOST_TEST(!c.failed);
      BOOST_TEST(!c.aborted);
      const std::string line = r.log ? std::string{"GET /"} + r.calls + ": " : "";
      BOOST_TEST(c.log_lines.starts_with(line), c.log_lines);
      BOOST_TEST(c.log_lines.find(r.log ? r.log : "") != std::string::npos, c.log_lines);
      if (!r.log) BOOST_TEST(c.log_lines.empty());
    }
  }
}

BOOST_AUTO_TEST_CASE(answers_what_was_asked_before_it_in_the_same_packet) {
  for (const char* calls : {"ss", "", "bs", "cwe", "x", "bx"}) {
    conversation c;
    c.feed(get("s") + get("bwe") + get(calls) + get("s"));
    BOOST_TEST(c.seen().starts_with(sent + chunks + "3\nabc\n0\n\n"), calls);
    BOOST_TEST(c.ended);
    BOOST_TEST(!c.failed);
  }
}

// Only a reset tells such a client that this was not the end.
BOOST_AUTO_TEST_CASE(resets_where_the_end_of_the_connection_would_be_that_of_the_content) {
  for (const char* calls : {"bws", "bwx", "bw-s", "bw-x"}) {
    conversation c;
    c.ask(calls, "1.0");
    BOOST_TEST(c.failed, calls);
  }
}

BOOST_AUTO_TEST_CASE(names_the_method_and_a_long_target_in_part) {
  conversation c;
  c.feed("POST /?" + std::string(5000, 'q') + " HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  BOOST_TEST(c.log_lines.starts_with("POST /?qqqq"));
  BOOST_TEST(c.log_lines.find("qqq...: the handler has sent no answer") != std::string::npos);
  BOOST_TEST(c.log_lines.size() < 300u);
}

BOOST_AUTO_TEST_CASE(is_in_the_access_log) {
  conversation c{{"access-log=a", "access-log-format=2"}};
  c.feed(get("ss"));
  BOOST_TEST(c.channel.find("\"status\":200,\"bytes\":4") != std::string::npos, c.channel);
  BOOST_TEST(c.channel.find("\"why\":\"failure of the handler\"") != std::string::npos, c.channel);
  conversation silent{{"access-log=a", "access-log-format=2"}};
  silent.feed(get(""));
  BOOST_TEST(silent.channel.find("\"status\":500,") != std::string::npos, silent.channel);
}

BOOST_AUTO_TEST_CASE(cannot_be_done_with_a_copy) {
  BOOST_TEST(!std::is_copy_constructible_v<epollhost::http::reply>);
  BOOST_TEST(!std::is_move_constructible_v<epollhost::http::reply>);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(reset_content)

BOOST_AUTO_TEST_CASE(has_a_length_of_0_and_no_content) {
  conversation c;
  c.feed(get("n") + get("s"));
  BOOST_TEST(c.seen() == "HTTP/1.1 205 Reset Content\nDate: <date>\nContent-Length: 0\n\n" + sent);
}

BOOST_AUTO_TEST_SUITE_END()
