// Distributed under the Boost Software License, Version 1.0.
// What the tables of heads do not show: the work that pieces cost, the order of errors, statuses.

#include <epollhost/http/parser.hpp>

#include "guarded.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

namespace http = epollhost::http;

BOOST_AUTO_TEST_SUITE(parser)

BOOST_AUTO_TEST_CASE(chooses_a_machine_that_exists) {
  BOOST_TEST(&http::detail::best_engine() == &http::detail::engine_of(http::best_machine()));
}

BOOST_AUTO_TEST_CASE(gives_the_same_answer_on_every_machine_for_every_byte_in_every_place) {
  const std::string head = "GET /a HTTP/1.1\r\nHost: localhost\r\nName-Of-A-Field: value of it\r\n\r\n";
  for (std::size_t at = 0; at < head.size(); ++at)
    for (int byte = 0; byte < 256; ++byte) {
      std::string bytes = head;
      bytes[at] = static_cast<char>(byte);
      http::request request;
      http::head_position plain_position{};
      const auto plain = http::detail::engine_plain.head(bytes, {}, plain_position, request);
      for (const http::machine kind : {http::machine::sse42, http::machine::avx2}) {
        if (kind > http::best_machine()) continue;
        http::head_position position{};
        const auto other = http::detail::engine_of(kind).head(bytes, {}, position, request);
        BOOST_REQUIRE_MESSAGE(
            (other.why == plain.why && other.size == plain.size && position.offset == plain_position.offset),
            "byte " << byte << " at " << at);
      }
    }
}

BOOST_AUTO_TEST_CASE(gives_the_same_answer_on_every_machine_wherever_a_usual_begin_ends) {
  http_test::guarded page{4096};
  const auto compare = [&](const std::string& head, const http::limits& bounds) {
    http::request plain_request, request;
    http::head_position plain_position{}, position{};
    const std::string_view bytes = page.at_end(head);
    const auto plain = http::detail::engine_plain.head(bytes, bounds, plain_position, plain_request);
    const auto best = http::parse_head(bytes, bounds, position, request);
    BOOST_REQUIRE_MESSAGE(best.why == plain.why && best.size == plain.size, head);
    BOOST_REQUIRE(position.offset == plain_position.offset && position.at == plain_position.at);
    if (!plain.done()) return;
    BOOST_REQUIRE(request.bytes() == plain_request.bytes() && request.target() == plain_request.target());
    BOOST_REQUIRE(request.host() == plain_request.host() && request.fields().size() == plain_request.fields().size());
    BOOST_REQUIRE(request.is_plain() && plain_request.is_plain());
  };
  http::limits small;
  small.target_bytes_max = 20;
  small.head_bytes_max = 70;
  for (std::size_t target = 0; target < 48; ++target)
    for (std::size_t host = 0; host < 48; ++host)
      for (const std::string end :
           {"\r\n\r\n", "\r\nA: b\r\n\r\n", "\r\n", "\r", "\n\n", ":80\r\n\r\n", ":x\r\n\r\n"}) {
        const std::string head =
            "GET /" + std::string(target, 't') + " HTTP/1.1\r\nHost: " + std::string(host, 'h') + end;
        compare(head, {});
        compare(head, small);
        compare(head + "GET / HTTP/1.1\r\nHost: a\r\n\r\n", {}); // with more behind it
      }
}

BOOST_AUTO_TEST_CASE(resumes_where_it_stopped) {
  const std::string head = "GET / HTTP/1.1\r\nHost: a\r\nLong: " + std::string(1000, 'v');
  http::request request;
  http::head_position position{};
  BOOST_REQUIRE(http::parse_head(head, {}, position, request).need_more());
  BOOST_TEST(position.offset == head.size());
  std::string spoiled = head + "\r\n\r\n";
  spoiled[100] = '\x01'; // already seen, so it is looked at again only when the whole head is there
  const std::string more = spoiled.substr(0, head.size()) + "v";
  BOOST_TEST(http::parse_head(more, {}, position, request).need_more());
  BOOST_TEST(position.offset == more.size());
}

BOOST_AUTO_TEST_CASE(names_a_status_for_every_error) {
  for (unsigned i = 0; i < http::detail::error_rows.size(); ++i) {
    const auto why = static_cast<http::error>(i);
    const unsigned status = http::status_of(why);
    BOOST_TEST(!http::text_of(why).empty());
    if (why == http::error::none || why == http::error::need_more)
      BOOST_TEST(status == 200u);
    else
      BOOST_TEST((status >= 400 && status <= 505));
  }
  BOOST_TEST(http::detail::error_rows.size() == static_cast<unsigned>(http::error::trailer_large) + 1);
}

BOOST_AUTO_TEST_CASE(names_the_statuses_that_the_standard_asks_for) {
  BOOST_TEST(http::status_of(http::error::target_long) == 414u);
  BOOST_TEST(http::status_of(http::error::head_large) == 431u);
  BOOST_TEST(http::status_of(http::error::fields_many) == 431u);
  BOOST_TEST(http::status_of(http::error::body_large) == 413u);
  BOOST_TEST(http::status_of(http::error::version_unsupported) == 505u);
  BOOST_TEST(http::status_of(http::error::method_long) == 501u);
  BOOST_TEST(http::status_of(http::error::coding_unsupported) == 501u);
  BOOST_TEST(http::status_of(http::error::trailer_large) == 431u);
}

BOOST_AUTO_TEST_SUITE_END()
