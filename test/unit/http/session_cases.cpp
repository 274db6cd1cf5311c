// Distributed under the Boost Software License, Version 1.0.
// Conversations: persistence, pipelining, bodies, refusals and errors (RFC 9110, RFC 9112).

#include "session_case.hpp"

namespace http_test {
namespace {

std::string get(const std::string& target, const std::string& more = {}) {
  return "GET " + target + " HTTP/1.1\r\nHost: a\r\n" + more + "\r\n";
}
std::string ask(const std::string& method, const std::string& target, const std::string& more = {}) {
  return method + " " + target + " HTTP/1.1\r\nHost: a\r\n" + more + "\r\n";
}
std::string post(const std::string& content, const std::string& more = {}) {
  return ask("POST", "/echo", more + "Content-Length: " + std::to_string(content.size()) + "\r\n") + content;
}
std::string chunked(const std::string& chunks) {
  return ask("POST", "/echo", "Transfer-Encoding: chunked\r\n") + chunks;
}
std::string get_1_0(const std::string& more = {}) { return "GET /old HTTP/1.0\r\n" + more + "\r\n"; }

const std::string closes = "Connection: close\n";
const std::string keeps = "Connection: keep-alive\n";

} // namespace

std::vector<session_case> session_cases() {
  const std::string head_of_a =
      "HTTP/1.1 200 OK\nDate: <date>\nContent-Type: text/plain; charset=utf-8\nContent-Length: 7\n";
  const std::string allow = "Allow: GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS\n";
  return {
      {"answers_a_request", get("/a"), ok("GET /a")},
      {"answers_two_requests", get("/a") + get("/b"), ok("GET /a") + ok("GET /b")},
      {"answers_a_request_with_bare_line_feeds", "GET /a HTTP/1.1\nHost: a\n\n", ok("GET /a")},
      {"skips_an_empty_line_between_requests", get("/a") + "\r\n" + get("/b"), ok("GET /a") + ok("GET /b")},
      {"answers_every_usual_method",
       ask("PUT", "/a") + ask("DELETE", "/a") + ask("PATCH", "/a") + ask("OPTIONS", "/a") + ask("POST", "/a"),
       ok("PUT /a") + ok("DELETE /a") + ok("PATCH /a") + ok("OPTIONS /a") + ok("POST /a")},
      {"answers_options_asterisk", ask("OPTIONS", "*"), ok("OPTIONS *")},
      {"answers_an_absolute_form", get("http://b/c"), ok("GET http://b/c")},
      {"writes_the_handlers_fields", get("/fields"),
       "HTTP/1.1 200 OK\nDate: <date>\nContent-Type: application/json\nContent-Length: 2\nX-A: b\nX-C: d\n\n{}"},

      {"answers_head_without_content", ask("HEAD", "/a"), head_of_a + "\n"},
      {"answers_head_and_goes_on", ask("HEAD", "/a") + get("/b"), head_of_a + "\n" + ok("GET /b")},
      {"answers_head_of_http_1_0", "HEAD /a HTTP/1.0\r\n\r\n", head_of_a + closes + "\n", left::closed},
      {"answers_204_without_length", get("/204") + get("/a"),
       "HTTP/1.1 204 No Content\nDate: <date>\n\n" + ok("GET /a")},
      {"answers_304_without_length", get("/304") + get("/a"),
       "HTTP/1.1 304 Not Modified\nDate: <date>\nETag: \"a\"\n\n" + ok("GET /a")},

      {"closes_http_1_0", get_1_0(), ok("GET /old", closes), left::closed},
      {"keeps_http_1_0_when_asked_and_says_so", get_1_0("Connection: keep-alive\r\n") + get_1_0(),
       ok("GET /old", keeps) + ok("GET /old", closes), left::closed},
      {"closes_when_asked_and_says_so", get("/a", "Connection: close\r\n"), ok("GET /a", closes), left::closed},
      {"lets_close_beat_keep_alive", get("/a", "Connection: keep-alive, close\r\n"), ok("GET /a", closes),
       left::closed},
      {"stops_the_pipeline_at_close", get("/a", "Connection: close\r\n") + get("/b"), ok("GET /a", closes),
       left::closed},
      {"stops_the_pipeline_at_http_1_0", get_1_0() + get("/b"), ok("GET /old", closes), left::closed},
      {"closes_every_connection_without_keep_alive",
       get("/a") + get("/b"),
       ok("GET /a", closes),
       left::closed,
       {"keep-alive=0"}},
      {"closes_at_the_limit_of_requests",
       get("/a") + get("/b") + get("/c"),
       ok("GET /a") + ok("GET /b", closes),
       left::closed,
       {"requests-max=2"}},
      {"keeps_below_the_limit_of_requests",
       get("/a") + get("/b"),
       ok("GET /a") + ok("GET /b"),
       left::open,
       {"requests-max=3"}},
      {"ignores_upgrade", get("/a", "Upgrade: h2c\r\nConnection: Upgrade\r\n"), ok("GET /a")},

      {"reads_a_body", post("hello"), ok("hello")},
      {"reads_an_empty_body", post(""), ok("")},
      {"reads_a_body_that_looks_like_a_request", post("GET / HTTP/1.1\nHost: a\n\n") + get("/b"),
       ok("GET / HTTP/1.1\nHost: a\n\n") + ok("GET /b")},
      {"reads_two_bodies", post("one") + post("two"), ok("one") + ok("two")},
      {"drops_the_body_of_get", get("/a", "Content-Length: 3\r\n") + "xyz" + get("/b"), ok("GET /a") + ok("GET /b")},
      {"drops_the_body_of_head", ask("HEAD", "/a", "Content-Length: 3\r\n") + "xyz" + get("/b"),
       head_of_a + "\n" + ok("GET /b")},
      {"drops_a_chunked_body_of_delete",
       ask("DELETE", "/a", "Transfer-Encoding: chunked\r\n") + "1\r\nx\r\n0\r\n\r\n" + get("/b"),
       ok("DELETE /a") + ok("GET /b")},
      {"reads_a_chunked_body", chunked("5\r\nhello\r\n0\r\n\r\n"), ok("hello")},
      {"reads_chunks_extensions_and_trailers",
       chunked("5;a=b\r\nhello\r\n7\r\n, world\r\n0\r\nA: b\r\n\r\n") + get("/b"), ok("hello, world") + ok("GET /b")},
      {"reads_two_chunked_bodies", chunked("1\r\na\r\n0\r\n\r\n") + chunked("1\r\nb\r\n0\r\n\r\n"), ok("a") + ok("b")},
      {"reads_a_body_at_the_limit", post("12345678"), ok("12345678"), left::open, {"body-max=8"}},
      {"refuses_a_body_above_the_limit",
       ask("POST", "/echo", "Content-Length: 9\r\n"),
       refused("413 Content Too Large", "the body is too large"),
       left::lingering,
       {"body-max=8"}},
      {"refuses_chunks_above_the_limit",
       chunked("9\r\n"),
       refused("413 Content Too Large", "the body is too large"),
       left::lingering,
       {"body-max=8"}},
      {"refuses_the_largest_length", ask("POST", "/echo", "Content-Length: 18446744073709551615\r\n"),
       refused("413 Content Too Large", "the body is too large"), left::lingering},
      {"refuses_a_bad_chunk_and_what_follows", chunked("5\r\nhello\r\nx\r\n" + get("/b")),
       refused("400 Bad Request", "a chunk size is malformed"), left::lingering},
      {"refuses_chunk_data_without_line_end", chunked("5\r\nhello0\r\n\r\n" + get("/b")),
       refused("400 Bad Request", "a chunk does not end in CRLF"), left::lingering},
      {"refuses_a_bad_chunk_of_head_without_content", ask("HEAD", "/a", "Transfer-Encoding: chunked\r\n") + "x",
       "HTTP/1.1 400 Bad Request\nDate: <date>\nContent-Type: text/plain; charset=utf-8\nContent-Length: 43\n" +
           closes + "\n",
       left::lingering},
      {"refuses_a_bad_chunk_that_looks_like_head_with_content", chunked("1\r\nxHEAD / HTTP/1.1\r\n"),
       refused("400 Bad Request", "a chunk does not end in CRLF"), left::lingering},
      {"refuses_a_bad_trailer", chunked("0\r\nA : b\r\n\r\n" + get("/b")),
       refused("400 Bad Request", "a trailer field is malformed"), left::lingering},
      {"closes_behind_a_body_when_asked", post("hello", "Connection: close\r\n"), ok("hello", closes), left::closed},

      {"refuses_an_unknown_method_and_goes_on", ask("BREW", "/a") + get("/b"),
       refused("501 Not Implemented", "", "") + ok("GET /b")},
      {"refuses_a_small_method", ask("get", "/a"), refused("501 Not Implemented", "", "")},
      {"refuses_an_unknown_method_with_a_body_and_closes",
       ask("BREW", "/a", "Content-Length: 3\r\n") + "xyz" + get("/b"), refused("501 Not Implemented"), left::lingering},
      {"refuses_trace_and_says_what_is_allowed", ask("TRACE", "/a") + get("/b"),
       refused("405 Method Not Allowed", "", allow) + ok("GET /b")},
      {"refuses_connect_and_closes", ask("CONNECT", "b:443") + get("/b"),
       refused("405 Method Not Allowed", "", closes + allow), left::lingering},
      {"refuses_another_expectation_and_goes_on", get("/a", "Expect: x\r\n") + get("/b"),
       refused("417 Expectation Failed", "", "") + ok("GET /b")},
      {"refuses_another_expectation_with_a_body_and_closes", post("xyz", "Expect: x\r\n") + get("/b"),
       refused("417 Expectation Failed"), left::lingering},
      {"answers_an_expectation_without_a_body", get("/a", "Expect: 100-continue\r\n"), ok("GET /a")},
      {"answers_an_expectation_of_http_1_0",
       "POST /echo HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx", ok("x", closes), left::closed},

      {"refuses_garbage", "\x16\x03\x01", refused("400 Bad Request", "the method is not a token"), left::lingering},
      {"refuses_the_http_2_preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
       refused("400 Bad Request", "the target's form does not fit the method"), left::lingering},
      {"refuses_http_2", "GET / HTTP/2.0\r\n", refused("505 HTTP Version Not Supported", "only HTTP/1 is spoken here"),
       left::lingering},
      {"answers_what_came_before_an_error", get("/a") + "GET / HTTP/1.1\r\n\r\n" + get("/b"),
       ok("GET /a") + refused("400 Bad Request", "Host is missing"), left::lingering},
      {"answers_nothing_behind_an_error", "GET / HTTP/1.1\r\nA : b\r\n\r\n" + get("/b"),
       refused("400 Bad Request", "a field name is malformed"), left::lingering},
      {"refuses_a_head_that_is_too_large",
       get("/a", "A: " + std::string(60, 'v') + "\r\n"),
       refused("431 Request Header Fields Too Large", "the head is too large"),
       left::lingering,
       {"head-max=64"}},
      {"refuses_too_many_fields",
       get("/a", "A: b\r\nA: b\r\n"),
       refused("431 Request Header Fields Too Large", "there are too many fields"),
       left::lingering,
       {"fields-max=2"}},
      {"refuses_a_target_that_is_too_long",
       get("/abcdefgh"),
       refused("414 URI Too Long", "the target is too long"),
       left::lingering,
       {"target-max=8"}},
      {"refuses_bare_line_feeds_when_strict",
       "GET /a HTTP/1.1\nHost: a\n\n",
       refused("400 Bad Request", "a line does not end in CRLF"),
       left::lingering,
       {"strict=1"}},
      {"refuses_length_beside_chunked",
       ask("POST", "/a", "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n",
       refused("400 Bad Request", "Content-Length and Transfer-Encoding are both there"), left::lingering},
      {"refuses_an_unsupported_coding", ask("POST", "/a", "Transfer-Encoding: gzip, chunked\r\n"),
       refused("501 Not Implemented", "the transfer coding is not supported"), left::lingering},
      {"refuses_a_malformed_head_request_without_content", "HEAD / HTTP/1.1\r\n\r\n",
       "HTTP/1.1 400 Bad Request\nDate: <date>\nContent-Type: text/plain; charset=utf-8\nContent-Length: 33\n" +
           closes + "\n",
       left::lingering},
      {"refuses_a_flood_of_empty_lines_before_head_with_content", "\n\n\n\n\nHEAD / HTTP/1.1\r\n",
       refused("400 Bad Request", "too many empty lines before the request"), left::lingering},
      {"answers_500_if_the_handler_throws", get("/throw"), refused("500 Internal Server Error"), left::closed},
      {"answers_nothing_behind_a_handler_that_threw", get("/throw") + get("/a"), refused("500 Internal Server Error"),
       left::closed},
  };
}

} // namespace http_test
