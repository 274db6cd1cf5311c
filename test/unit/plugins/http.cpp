// Distributed under the Boost Software License, Version 1.0.
// Tests http.so: one page, however the request comes, and the bounds of a connection.
#include <epollhost/testing.hpp>

#include "support/watch.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>

namespace eh = epollhost;
using namespace std::chrono_literals;
using eh::test::argument;

namespace {

constexpr std::string_view request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t n = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != text.npos; at += part.size()) ++n;
  return n;
}

} // namespace

BOOST_AUTO_TEST_SUITE(http)

BOOST_AUTO_TEST_CASE(answers_the_same_however_the_requests_are_cut) {
  eh::testing::plugin p(argument("http.so"));
  const std::string get(request), last = "GET /b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  eh::testing::same_however_cut(p, get);
  eh::testing::same_however_cut(p, get + get + last);
  eh::testing::same_however_cut(p, "GET / HTTP/1.0\r\n\r\n");
  eh::testing::same_however_cut(p, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello" + get);
  eh::testing::same_however_cut(
      p, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\n"
         "T: t\r\n\r\n" +
             get);
  eh::testing::same_however_cut(p, get + "nonsense\r\n\r\n");
  eh::testing::same_however_cut(p, get.substr(0, 20), {.finish = true});
}

BOOST_AUTO_TEST_CASE(answers_every_request_of_a_pipeline_to_a_slow_reader) {
  eh::testing::plugin p(argument("http.so"));
  std::string many;
  for (int i = 0; i < 5000; ++i) many += request;
  eh::testing::peer c = p.connect().stop_reading(100);
  c.send(many);
  BOOST_TEST(c.unread() > 0u);
  while (c.queued() > 0) c.read(10'000);
  BOOST_TEST(count(c.received(), "HTTP/1.1 200 OK\r\n") == 5000u);
}

// Whatever the bounds of queued output, and whether the client reads at once or bit by bit: every byte, and no reset.
BOOST_AUTO_TEST_CASE(sends_every_byte_within_each_bound_of_output) {
  struct bound {
    std::size_t low, high, most;
  };
  for (const bound& of : {bound{0, 0, 16 * 1024}, {1024, 8 * 1024, 24 * 1024}, {200 * 1024, 240 * 1024, 256 * 1024},
                          {64 * 1024, 100 * 1024, 128 * 1024}, {64 * 1024, 256 * 1024, 4 * 1024 * 1024}})
    for (const std::size_t body : {100u, 9'000u, 50'000u, 1'000'000u}) {
      BOOST_TEST_CONTEXT(of.low << " " << of.high << " " << of.most << " body " << body) {
        eh::testing::settings chosen;
        chosen.limits.output_low = of.low;
        chosen.limits.output_high = of.high;
        chosen.limits.output_max = of.most;
        eh::testing::plugin p(argument("http.so"), {{"body", std::string(body, 'b')}}, chosen);
        const std::size_t requests = body > 100'000 ? 5 : 160;
        std::string many;
        for (std::size_t i = 0; i < requests; ++i) many += request;
        eh::testing::peer slow = p.connect().stop_reading(100), fast = p.connect();
        slow.send(many);
        for (int reads = 0; slow.queued() > 0 && reads < 100'000; ++reads) slow.read(10'000);
        fast.send(many);
        for (const eh::testing::peer* const c : {&slow, &fast}) {
          BOOST_TEST(count(c->received(), "HTTP/1.1 200 OK\r\n") == requests);
          BOOST_TEST(std::count(c->received().begin(), c->received().end(), 'b') >= std::ptrdiff_t(requests * body));
          BOOST_TEST(!c->ended());
        }
      }
    }
}

BOOST_AUTO_TEST_CASE(ends_a_connection_that_is_idle_and_no_sooner) {
  eh::testing::plugin p(argument("http.so"), {{"idle-timeout", "10s"}});
  eh::testing::peer c = p.connect().send(request);
  p.advance(9'999ms);
  BOOST_TEST(!c.ended());
  p.advance(1ms);
  BOOST_TEST(c.ended());
}

BOOST_AUTO_TEST_CASE(tells_a_head_that_does_not_come_to_its_end_with_408) {
  eh::testing::plugin p(argument("http.so"), {{"head-timeout", "10s"}});
  eh::testing::peer c = p.connect();
  for (const char one : request.substr(0, 9)) {
    p.advance(1s);
    c.send({&one, 1});
  }
  p.advance(2s);
  BOOST_TEST(c.received().starts_with("HTTP/1.1 408 "));
  BOOST_TEST(c.ended());
}

BOOST_AUTO_TEST_CASE(ends_idle_connections_while_it_drains_and_answers_the_others) {
  eh::testing::plugin p(argument("http.so"));
  eh::testing::peer c = p.connect().send(request.substr(0, 10));
  p.drain();
  BOOST_TEST(!c.closed());
  c.send(request.substr(10));
  BOOST_TEST(count(c.received(), "Connection: close\r\n") == 1u);
  BOOST_TEST(c.ended());
}

BOOST_AUTO_TEST_CASE(refuses_options_that_make_no_sense) {
  BOOST_CHECK_THROW(eh::testing::plugin(argument("http.so"), {{"header", "no colon"}}), eh::testing::refused);
  BOOST_CHECK_THROW(eh::testing::plugin(argument("http.so"), {{"head-max", "1"}}), eh::testing::refused);
}

BOOST_AUTO_TEST_SUITE_END()
