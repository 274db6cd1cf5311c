// Distributed under the Boost Software License, Version 1.0.
// Tests what the access log says of conversations: each request once, with its end and the reason.

#include <epollhost/http/access_log.hpp>

#include "allocations.hpp"
#include "memory_worker.hpp"
#include "test_plugin.hpp"

#include <boost/test/unit_test.hpp>

#include <sstream>
#include <string>
#include <vector>

using http_test::memory_worker;

namespace {

constexpr std::int64_t second = 1'000'000'000;
const std::string get = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

struct logged {
  explicit logged(const eh_plugin& plugin = http_test::test_plugin, std::vector<std::string> more = {},
                  const std::string& form = "2")
      : worker(plugin, with(std::move(more), form)) {
    worker.open();
  }
  static std::vector<std::string> with(std::vector<std::string> options, const std::string& form) {
    options.push_back("access-log=a.log");
    options.push_back("access-log-format=" + form); // the index of the choice
    return options;
  }

  std::vector<std::string> lines() const {
    std::vector<std::string> out;
    std::istringstream in(worker.channel);
    for (std::string line; std::getline(in, line);) out.push_back(line);
    return out;
  }

  memory_worker worker;
};

bool has(const std::string& line, const std::string& part) {
  const bool found = line.find(part) != std::string::npos;
  BOOST_TEST(found, part << " in " << line);
  return found;
}

// The line of a request ends in this.
void ends(const std::string& line, unsigned status, const std::string& by, const std::string& why) {
  has(line, "\"status\":" + std::to_string(status) + ",");
  has(line, "\"ended_by\":\"" + by + "\",\"why\":\"" + why + "\"}");
}

// The request has ended nothing.
void stays(const std::string& line, unsigned status) {
  has(line, "\"status\":" + std::to_string(status) + ",");
  BOOST_TEST(line.find("ended_by") == std::string::npos, line);
}

} // namespace

BOOST_AUTO_TEST_SUITE(access_log)

BOOST_AUTO_TEST_CASE(writes_one_line_for_each_request_in_order) {
  for (const eh_plugin* plugin : {&http_test::test_plugin, &http_test::prepared_plugin}) {
    logged at(*plugin, {}, "0");
    at.worker.feed(get + get);
    at.worker.feed("HEAD /b HTTP/1.1\r\nHost: h\r\n\r\n");
    BOOST_REQUIRE_EQUAL(at.lines().size(), 3);
    const std::string size = plugin == &http_test::test_plugin ? "6" : "13";
    const std::string before = "192.0.2.1 - - [06/Nov/1994:08:49:37 +0000] ";
    BOOST_TEST(at.lines()[0] == before + "\"GET /a HTTP/1.1\" 200 " + size);
    BOOST_TEST(at.lines()[1] == before + "\"GET /a HTTP/1.1\" 200 " + size);
    BOOST_TEST(at.lines()[2] == before + "\"HEAD /b HTTP/1.1\" 200 0");
  }
}

BOOST_AUTO_TEST_CASE(writes_nothing_without_a_file) {
  memory_worker worker{http_test::test_plugin};
  worker.open();
  worker.feed(get);
  worker.reset();
  BOOST_TEST(worker.channel == "");
}

BOOST_AUTO_TEST_CASE(counts_the_bytes_of_content_alone) {
  logged at;
  at.worker.feed("GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
  has(at.lines().at(0), "\"bytes\":1048576,");
  at.worker.feed("GET /204 HTTP/1.1\r\nHost: h\r\n\r\n");
  has(at.lines().at(1), "\"status\":204,\"bytes\":0,\"request_bytes\":30,");
  const std::string post = "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n";
  at.worker.feed(post + "hel");
  at.worker.feed("lo");
  has(at.lines().at(2), "\"bytes\":5,\"request_bytes\":" + std::to_string(post.size() + 5) + ",");
  const std::string chunked = "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  at.worker.feed(chunked + "7\r\n1234567\r\n0\r\n\r\n");
  has(at.lines().at(3), "\"bytes\":7,\"request_bytes\":" + std::to_string(chunked.size() + 7) + ",");
}

BOOST_AUTO_TEST_CASE(says_who_ended_the_connection_and_why) {
  const auto one = [](const std::string& request, std::vector<std::string> options = {}) {
    logged at(http_test::test_plugin, std::move(options));
    at.worker.feed(request);
    BOOST_REQUIRE_EQUAL(at.lines().size(), 1);
    return at.lines()[0];
  };
  stays(one(get), 200);
  ends(one("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"), 200, "client", "Connection: close");
  ends(one("GET / HTTP/1.0\r\n\r\n"), 200, "client", "HTTP/1.0 without keep-alive");
  ends(one(get, {"requests-max=1"}), 200, "server", "requests-max");
  ends(one("GET /throw HTTP/1.1\r\nHost: h\r\n\r\n"), 500, "server", "failure of the handler");
  ends(one("GET / HTTP/1.1\r\n\r\n"), 400, "server", "Host is missing");
  stays(one("TRACE / HTTP/1.1\r\nHost: h\r\n\r\n"), 405);
  ends(one("CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n"), 405, "server", "Method Not Allowed");
  ends(one("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n", {"body-max=8"}), 413, "server",
       "the body is too large");
  has(one("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n", {"body-max=8"}), "\"method\":\"POST\"");
  ends(one("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n"), 400, "server",
       "a chunk size is malformed");
}

BOOST_AUTO_TEST_CASE(says_that_the_worker_drains) {
  logged at;
  at.worker.drain();
  at.worker.feed(get);
  ends(at.lines().at(0), 200, "server", "drain");
}

BOOST_AUTO_TEST_CASE(logs_requests_that_time_out) {
  logged head;
  head.worker.feed("GET /slow HT");
  head.worker.advance_ns(30 * second);
  ends(head.lines().at(0), 408, "server", "the head took too long");
  has(head.lines()[0], "\"target\":\"-\"");
  has(head.lines()[0], "\"wait_us\":30000000,");
  logged body;
  body.worker.feed("POST /slow HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nx");
  body.worker.advance_ns(10 * second);
  ends(body.lines().at(0), 408, "server", "the body came too slowly");
  has(body.lines()[0], "\"target\":\"/slow\"");
}

BOOST_AUTO_TEST_CASE(counts_the_time_from_the_first_byte) {
  logged at;
  at.worker.feed("GET / HT");
  at.worker.advance_ns(second / 4);
  at.worker.feed("TP/1.1\r\nHost: h\r\n");
  at.worker.advance_ns(second / 4);
  at.worker.feed("\r\n" + get);
  has(at.lines().at(0), "\"wait_us\":500000,\"answer_us\":0}");
  has(at.lines().at(0), "\"time\":\"1994-11-06T08:49:37.500Z\"");
  has(at.lines().at(1), "\"wait_us\":0,\"answer_us\":0}");
}

BOOST_AUTO_TEST_CASE(logs_what_was_cut_off_as_499_and_once) {
  logged at;
  at.worker.feed(get + "POST /up HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nx");
  at.worker.close(EH_REASON_RESET);
  BOOST_REQUIRE_EQUAL(at.lines().size(), 3);
  ends(at.lines()[1], 499, "client", "reset");
  has(at.lines()[1], "\"target\":\"/up\"");
  has(at.lines()[2], "\"event\":\"connection\"");
  has(at.lines()[2], "\"requests\":2,");
}

BOOST_AUTO_TEST_CASE(logs_an_answered_upload_once_though_its_connection_lingers) {
  logged at;
  at.worker.feed("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  at.worker.feed("x\r\n"); // no chunk size
  at.worker.close(EH_REASON_PLUGIN);
  BOOST_REQUIRE_EQUAL(at.lines().size(), 2);
  ends(at.lines()[0], 400, "server", "a chunk size is malformed");
  has(at.lines()[1], "\"ended_by\":\"server\",\"why\":\"a chunk size is malformed\"}");
}

BOOST_AUTO_TEST_CASE(logs_a_late_answer_when_it_is_complete) {
  logged at(http_test::late_plugin);
  at.worker.feed("GET /late HTTP/1.1\r\nHost: h\r\n\r\n");
  BOOST_TEST(at.worker.channel == "");
  at.worker.advance_ns(second);
  at.worker.wake(http_test::late_token() | 7);
  stays(at.lines().at(0), 200);
  has(at.lines()[0], "\"bytes\":6,"); // "wake 7"
  has(at.lines()[0], "\"wait_us\":1000000,\"answer_us\":0}");
}

BOOST_AUTO_TEST_CASE(logs_an_answer_in_pieces_with_all_of_them) {
  logged at(http_test::late_plugin);
  at.worker.feed("GET /chunks HTTP/1.1\r\nHost: h\r\n\r\n");
  at.worker.wake(http_test::late_token() | 123);
  at.worker.advance_ns(second);
  at.worker.wake(http_test::late_token() | 4567);
  at.worker.wake(http_test::late_token() | 0);
  BOOST_REQUIRE_EQUAL(at.lines().size(), 1);
  has(at.lines()[0], "\"status\":200,\"bytes\":7,");
  has(at.lines()[0], "\"wait_us\":0,\"answer_us\":1000000}");
  at.worker.feed(get); // and what was noted of it is gone
  has(at.lines().at(1), "\"bytes\":1,");
  has(at.lines()[1], "\"wait_us\":0,\"answer_us\":0}");
}

BOOST_AUTO_TEST_CASE(logs_late_answers_that_never_come) {
  logged promised(http_test::late_plugin);
  promised.worker.feed("GET /late HTTP/1.1\r\nHost: h\r\n\r\n");
  promised.worker.close(EH_REASON_RESET);
  ends(promised.lines().at(0), 499, "client", "reset");
  logged begun(http_test::late_plugin);
  begun.worker.feed("GET /chunks HTTP/1.1\r\nHost: h\r\n\r\n");
  begun.worker.wake(http_test::late_token() | 123);
  begun.worker.close(EH_REASON_TIMEOUT);
  ends(begun.lines().at(0), 200, "server", "send timeout");
  has(begun.lines()[0], "\"bytes\":3,");
  logged thrown(http_test::late_plugin);
  thrown.worker.feed("GET /throw-later HTTP/1.1\r\nHost: h\r\n\r\n");
  thrown.worker.wake(http_test::late_token() | 1);
  ends(thrown.lines().at(0), 500, "server", "failure of the handler");
}

BOOST_AUTO_TEST_CASE(writes_a_line_for_each_connection_as_json_only) {
  for (const char* const form : {"0", "1"}) {
    logged at(http_test::test_plugin, {}, form);
    at.worker.close(EH_REASON_END);
    BOOST_TEST(at.worker.channel == "");
  }
  const auto why = [](eh_reason reason) {
    logged at;
    at.worker.feed(get);
    at.worker.advance_ns(second);
    at.worker.close(reason);
    has(at.lines().at(1), "\"requests\":1,\"duration_us\":1000000,");
    return at.lines()[1].substr(at.lines()[1].find("\"ended_by\""));
  };
  BOOST_TEST(why(EH_REASON_END) == R"("ended_by":"client","why":"closed"})");
  BOOST_TEST(why(EH_REASON_RESET) == R"("ended_by":"client","why":"reset"})");
  BOOST_TEST(why(EH_REASON_TIMEOUT) == R"("ended_by":"server","why":"send timeout"})");
  BOOST_TEST(why(EH_REASON_DRAIN) == R"("ended_by":"server","why":"drain"})");
  logged idle;
  idle.worker.feed(get);
  idle.worker.advance_ns(75 * second);
  BOOST_TEST(idle.worker.ended);
  idle.worker.close(EH_REASON_PLUGIN);
  stays(idle.lines().at(0), 200);
  has(idle.lines().at(1), R"("ended_by":"server","why":"idle timeout"})");
  logged silent;
  silent.worker.advance_ns(30 * second);
  silent.worker.close(EH_REASON_PLUGIN);
  has(silent.lines().at(0), R"("ended_by":"server","why":"no request came"})");
}

BOOST_AUTO_TEST_CASE(logs_an_address_that_is_too_long_or_gone_as_a_dash) {
  memory_worker worker{http_test::test_plugin, logged::with({}, "0")};
  worker.peer = "unix:/" + std::string(200, 'x');
  worker.open();
  worker.feed(get);
  BOOST_TEST(worker.channel.starts_with("- - - [06/Nov"));
}

BOOST_AUTO_TEST_CASE(allocates_nothing_for_a_request) {
  logged at(http_test::prepared_plugin);
  at.worker.feed(get);
  at.worker.channel.reserve(1 << 20);
  const auto cost = [](memory_worker& worker) {
    const std::size_t before = http_test::allocations();
    for (int i = 0; i < 100; ++i) worker.feed(get);
    return http_test::allocations() - before;
  };
  memory_worker plain{http_test::prepared_plugin};
  plain.open();
  plain.feed(get);
  for (auto* w : {&plain, &at.worker}) w->output.reserve(1 << 20);
  BOOST_TEST(cost(at.worker) == cost(plain)); // the tester's own
}

BOOST_AUTO_TEST_SUITE_END()
