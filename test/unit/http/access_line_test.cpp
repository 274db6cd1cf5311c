// Distributed under the Boost Software License, Version 1.0.
// Tests the lines of the access log: each form, what a peer's bytes become, and where they are cut.

#include <epollhost/http/detail/access_line.hpp>

#include <epollhost/http/parser.hpp>

#include <boost/test/unit_test.hpp>

#include <memory>
#include <string>

namespace http = epollhost::http;
using http::access_format;
using http::detail::escaping;
using http::detail::log_line;

namespace {

std::string peer(access_format form, std::string_view remote, eh_conn_id connection) {
  const auto text = std::make_unique<log_line>();
  http::detail::write_peer(*text, form, remote, connection);
  return std::string(text->text());
}

// Lines of a request in each form.
class lines {
public:
  explicit lines(std::string head) : bytes_(std::move(head)) {
    http::head_position position{};
    http::limits wide;
    wide.head_bytes_max = http::head_bytes_capacity;
    wide.target_bytes_max = http::head_bytes_capacity;
    wide.method_bytes_max = 1024;
    BOOST_REQUIRE(http::parse_head(bytes_, wide, position, head_).done());
  }
  lines() : readable_(false) {}

  std::string as(access_format form) const {
    const auto line = std::make_unique<log_line>();
    const http::detail::second_text second{form, "Sun, 06 Nov 1994 08:49:37 GMT"};
    const std::string from = peer(form, "192.0.2.1:4711", 0x1000006);
    http::detail::write_request(*line, form,
                                {.time = {second, 5},
                                 .peer = from,
                                 .number = 3,
                                 .head = readable_ ? &head_ : nullptr,
                                 .answer = {200, 13},
                                 .chunked_bytes = 0,
                                 .wait_us = 25,
                                 .answer_us = 7,
                                 .end = {}});
    return std::string(line->text());
  }

private:
  std::string bytes_;
  bool readable_ = true;
  http::request head_;
};

std::string quoted(std::string_view text, escaping as, std::size_t most = log_line::field_bytes_max) {
  const auto line = std::make_unique<log_line>();
  line->quoted(text, as, most);
  return std::string(line->text());
}

std::string hex(unsigned char byte) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  return {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
}

} // namespace

BOOST_AUTO_TEST_SUITE(access_line)

// A client binds its end of a unix socket to whatever name it likes.
BOOST_AUTO_TEST_CASE(lets_no_address_forge_a_line) {
  const std::string name = "unix:/tmp/a b\n\"\\\x1b[31m\xc2\x9b\xe2\x80\xae";
  const std::string hexed = R"(unix:/tmp/a\x20b\x0A\x22\x5C\x1B[31m\xC2\x9B\xE2\x80\xAE)";
  BOOST_TEST(peer(access_format::common, name, 1) == hexed);
  BOOST_TEST(peer(access_format::combined, name, 1) == hexed);
  BOOST_TEST(peer(access_format::json, name, 1) ==
             R"("remote":"unix:/tmp/a b\u000A\"\\\u001B[31m\u00C2\u009B\u00E2\u0080\u00AE","connection":"0x1")");
  for (unsigned c = 0; c < 256; ++c) {
    const std::string one = std::string("unix:/") + static_cast<char>(c);
    for (const access_format form : {access_format::common, access_format::combined, access_format::json})
      for (const char seen : peer(form, one, 1)) BOOST_TEST((seen > 0x1f && seen < 0x7f), c);
    BOOST_TEST(peer(access_format::common, one, 1).find_first_of(" \"") == std::string::npos, c);
  }
}

BOOST_AUTO_TEST_CASE(cuts_a_long_address) {
  for (const std::string& path : {std::string(108, 'a'), std::string(108, '\n')})
    for (const access_format form : {access_format::common, access_format::json}) {
      const std::string text = peer(form, "unix:" + path, ~eh_conn_id{0});
      BOOST_TEST(text.size() <= http::detail::peer_bytes_max);
      BOOST_TEST((text.find("...") != text.npos) == (path[0] == '\n'));
    }
}

BOOST_AUTO_TEST_CASE(has_three_forms) {
  const lines of("GET /a?b HTTP/1.1\r\nHost: h\r\nReferer: http://x/\r\nUser-Agent: curl/8\r\n\r\n");
  const std::string common = R"(192.0.2.1 - - [06/Nov/1994:08:49:37 +0000] "GET /a?b HTTP/1.1" 200 13)";
  BOOST_TEST(of.as(access_format::common) == common + "\n");
  BOOST_TEST(of.as(access_format::combined) == common + R"( "http://x/" "curl/8")" + "\n");
  BOOST_TEST(of.as(access_format::json) ==
             R"({"time":"1994-11-06T08:49:37.005Z","event":"request","remote":"192.0.2.1:4711",)"
             R"("connection":"0x1000006","request":3,"method":"GET","target":"/a?b","version":"1.1","status":200,)"
             R"("bytes":13,"request_bytes":70,"wait_us":25,"answer_us":7,"referer":"http://x/","user_agent":"curl/8"})"
             "\n");
}

BOOST_AUTO_TEST_CASE(says_so_where_no_head_could_be_read) {
  BOOST_TEST(lines().as(access_format::common) == "192.0.2.1 - - [06/Nov/1994:08:49:37 +0000] \"-\" 200 13\n");
  BOOST_TEST(lines().as(access_format::combined).ends_with("\"-\" 200 13 \"-\" \"-\"\n"));
  BOOST_TEST(lines().as(access_format::json).find(R"("method":"-","target":"-","version":"-")") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(writes_the_time_of_every_month) {
  const std::string_view names = "JanFebMarAprMayJunJulAugSepOctNovDec";
  for (unsigned month = 1; month <= 12; ++month) {
    const std::string date = "Sun, 01 " + std::string(names.substr(3 * (month - 1), 3)) + " 2026 00:00:09 GMT";
    const http::detail::second_text second{access_format::json, date};
    const std::string from = peer(access_format::json, "unix:", 1);
    log_line line;
    http::detail::write_connection(
        line,
        {.time = {second, 120}, .peer = from, .requests = 0, .duration_us = 4, .end = {http::ender::client, "closed"}});
    const std::string number = (month < 10 ? "0" : "") + std::to_string(month);
    BOOST_TEST(line.text() == "{\"time\":\"2026-" + number +
                                  "-01T00:00:09.120Z\",\"event\":\"connection\",\"remote\":\"unix:\",\"connection\":"
                                  "\"0x1\",\"requests\":0,\"duration_us\":4,\"ended_by\":\"client\",\"why\":"
                                  "\"closed\"}\n");
  }
}

BOOST_AUTO_TEST_CASE(finds_a_byte_to_escape_wherever_it_stands) { // words are looked at whole, the last one overlaps
  for (std::size_t size = 1; size < 40; ++size)
    for (std::size_t at = 0; at < size; ++at)
      for (const unsigned char byte : {0x00, 0x1f, 0x20, 0x21, 0x22, 0x23, 0x5b, 0x5c, 0x5d, 0x7e, 0x7f, 0x80, 0xff}) {
        std::string text(size, 'a');
        text[at] = static_cast<char>(byte);
        const bool plain = byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
        const std::string piece = plain ? std::string(1, text[at]) : hex(byte);
        BOOST_REQUIRE_EQUAL(quoted(text, escaping::hex), text.substr(0, at) + piece + text.substr(at + 1));
      }
}

BOOST_AUTO_TEST_CASE(has_room_for_each_peer) {
  const std::string longest = "unix:" + std::string(http::detail::remote_bytes_max - 5, '"');
  const std::string text = peer(access_format::json, longest, ~eh_conn_id{0});
  BOOST_TEST(text.size() <= http::detail::peer_bytes_max);
  BOOST_TEST(text.starts_with(R"("remote":"unix:\"\")"));
  BOOST_TEST(text.ends_with(R"(...","connection":"0xffffffffffffffff")"));
  BOOST_TEST(peer(access_format::common, longest, 1).size() <= http::detail::remote_bytes_max);
  BOOST_TEST(peer(access_format::common, longest, 1).ends_with(R"(\x22...)"));
}

BOOST_AUTO_TEST_CASE(names_the_host_without_its_port) {
  BOOST_TEST(http::detail::host_of("127.0.0.1:80") == "127.0.0.1");
  BOOST_TEST(http::detail::host_of("[::1]:80") == "::1");
  BOOST_TEST(http::detail::host_of("unix:") == "unix:");
  BOOST_TEST(http::detail::host_of("unix:/a:1") == "unix:/a:1");
  BOOST_TEST(http::detail::host_of("-") == "-");
}

BOOST_AUTO_TEST_CASE(escapes_what_could_forge_a_line) {
  BOOST_TEST(quoted("a \"b\" \\c", escaping::hex) == R"(a \x22b\x22 \x5Cc)");
  BOOST_TEST(quoted("a\tb\n\x7f\x80\xff", escaping::hex) == R"(a\x09b\x0A\x7F\x80\xFF)");
  BOOST_TEST(quoted("a \"b\" \\c", escaping::json) == R"(a \"b\" \\c)");
  BOOST_TEST(quoted("a\tb\n\x7f\x80\xff", escaping::json) == R"(a\u0009b\u000A\u007F\u0080\u00FF)");
}

BOOST_AUTO_TEST_CASE(lets_every_byte_out_as_itself_or_escaped) {
  for (unsigned c = 0; c < 256; ++c) {
    const char byte = static_cast<char>(c);
    for (const escaping as : {escaping::hex, escaping::json})
      for (const char out : quoted({&byte, 1}, as)) BOOST_TEST((out >= 0x20 && out < 0x7f));
  }
}

BOOST_AUTO_TEST_CASE(cuts_a_text_that_is_longer_than_its_share) {
  constexpr std::size_t most = 64;
  for (const escaping as : {escaping::hex, escaping::json}) {
    BOOST_TEST(quoted(std::string(most, 'x'), as, most) == std::string(most, 'x'));
    const std::string cut = quoted(std::string(most + 1, 'x'), as, most);
    BOOST_TEST(cut.size() <= most);
    BOOST_TEST(cut.ends_with("xxx..."));
    for (std::size_t at = 0; at <= most + 1; ++at) { // an escaped byte anywhere is whole or not there
      std::string text(most + 1, 'x');
      text[std::min(at, most)] = '\n';
      const std::string line = quoted(text, as, most);
      BOOST_TEST(line.size() <= most);
      BOOST_TEST(line.ends_with("..."));
      if (const auto slash = line.find('\\'); slash != line.npos)
        BOOST_TEST(line.substr(slash).starts_with(as == escaping::hex ? "\\x0A" : "\\u000A"));
    }
  }
}

BOOST_AUTO_TEST_CASE(stays_within_its_bound_whatever_the_peer_sends) {
  const std::string hostile(20'000, '\x80');
  const lines of("M" + std::string(1023, '!') + " /" + std::string(20'000, '"') +
                 " HTTP/1.1\r\nHost: h\r\nReferer: " + hostile + "\r\nUser-Agent: " + hostile + "\r\n\r\n");
  for (const access_format form : {access_format::common, access_format::combined, access_format::json}) {
    BOOST_TEST(of.as(form).size() <= log_line::bytes_max);
    BOOST_TEST(of.as(form).back() == '\n');
  }
}

BOOST_AUTO_TEST_SUITE_END()
