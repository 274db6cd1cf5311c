// Distributed under the Boost Software License, Version 1.0.
// Tests when a file is answered, when it is unchanged, and when the request's conditions fail.
#include "conditions.hpp"

#include <epollhost/http/parser.hpp>

#include <boost/test/unit_test.hpp>

#include <string>

namespace http = epollhost::http;

namespace {

constexpr std::int64_t modified = 784111777; // Sun, 06 Nov 1994 08:49:37 GMT
const std::string same = "Sun, 06 Nov 1994 08:49:37 GMT", earlier = "Sun, 06 Nov 1994 08:49:36 GMT",
                  later = "Sun, 06 Nov 1994 08:49:38 GMT";

template <class F> auto with(const std::string& lines, std::int64_t now_s, F f) {
  const std::string bytes = "GET / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n";
  http::request head;
  http::head_position position{};
  BOOST_REQUIRE(http::parse_head(bytes, http::limits{}, position, head).done());
  return f(files::conditions{head.fields(), {"\"tag\"", modified}, now_s});
}

unsigned refusal(const std::string& lines) {
  return with(lines, modified + 3600, [](const files::conditions& c) { return c.refusal(); });
}

bool range_counts(const std::string& lines, std::int64_t now_s = modified + 3600) {
  return with(lines, now_s, [](const files::conditions& c) { return c.range_counts(); });
}

struct row {
  std::string lines;
  unsigned status;
};

const row rows[] = {
    {"", 0},
    {"If-None-Match: \"tag\"\r\n", 304},
    {"If-None-Match: W/\"tag\"\r\n", 304}, // weak comparison
    {"If-None-Match: *\r\n", 304},
    {"If-None-Match: \"other\"\r\n", 0},
    {"If-None-Match: \"other\", \"tag\"\r\n", 304},
    {"If-None-Match: \"other\",W/\"more\" ,, W/\"tag\"\r\n", 304},
    {"If-None-Match: \"a,b\", \"tag\"\r\n", 304},
    {"If-None-Match: \"other\"\r\nIf-None-Match: \"tag\"\r\n", 304},
    {"if-none-match: \"tag\"\r\n", 304},
    {"If-None-Match: \"ta\"\r\n", 0},
    {"If-None-Match: \"tagg\"\r\n", 0},
    {"If-None-Match: tag\r\n", 0},
    {"If-None-Match: \"tag\r\n", 0},
    {"If-None-Match: w/\"tag\"\r\n", 0},
    {"If-None-Match:\r\n", 0},
    {"If-None-Match: x \"tag\"\r\n", 0},
    {"If-Modified-Since: " + same + "\r\n", 304},
    {"If-Modified-Since: " + later + "\r\n", 304},
    {"If-Modified-Since: " + earlier + "\r\n", 0},
    {"If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT\r\n", 304},
    {"If-Modified-Since: Sun Nov  6 08:49:37 1994\r\n", 304},
    {"If-Modified-Since: yesterday\r\n", 0},
    {"If-Modified-Since: " + same + "\r\nIf-Modified-Since: " + same + "\r\n", 0},
    {"If-None-Match: \"other\"\r\nIf-Modified-Since: " + same + "\r\n", 0}, // the date is ignored
    {"If-None-Match: \"tag\"\r\nIf-Modified-Since: " + earlier + "\r\n", 304},
    {"If-Match: \"tag\"\r\n", 0},
    {"If-Match: *\r\n", 0},
    {"If-Match: \"other\", \"tag\"\r\n", 0},
    {"If-Match: \"other\"\r\n", 412},
    {"If-Match: W/\"tag\"\r\n", 412}, // strong comparison
    {"If-Match:\r\n", 412},
    {"If-Unmodified-Since: " + same + "\r\n", 0},
    {"If-Unmodified-Since: " + later + "\r\n", 0},
    {"If-Unmodified-Since: " + earlier + "\r\n", 412},
    {"If-Unmodified-Since: yesterday\r\n", 0},
    {"If-Match: \"tag\"\r\nIf-Unmodified-Since: " + earlier + "\r\n", 0}, // the date is ignored
    {"If-Match: \"tag\"\r\nIf-None-Match: \"tag\"\r\n", 304},
    {"If-Match: \"other\"\r\nIf-None-Match: \"tag\"\r\n", 412},
};

} // namespace

BOOST_AUTO_TEST_SUITE(conditions)

BOOST_AUTO_TEST_CASE(refuse_in_the_order_of_the_standard) {
  for (const row& r : rows) BOOST_TEST_CONTEXT(r.lines) BOOST_TEST(refusal(r.lines) == r.status);
}

BOOST_AUTO_TEST_CASE(let_a_range_count_for_this_very_version) {
  BOOST_TEST(range_counts(""));
  BOOST_TEST(range_counts("If-Range: \"tag\"\r\n"));
  BOOST_TEST(range_counts("If-Range: " + same + "\r\n"));
  BOOST_TEST(!range_counts("If-Range: \"other\"\r\n"));
  BOOST_TEST(!range_counts("If-Range: W/\"tag\"\r\n"));
  BOOST_TEST(!range_counts("If-Range: " + later + "\r\n")); // not "since": this date
  BOOST_TEST(!range_counts("If-Range: " + earlier + "\r\n"));
  BOOST_TEST(!range_counts("If-Range: yesterday\r\n"));
}

// A file that is written twice within a second has one date.
BOOST_AUTO_TEST_CASE(take_no_date_for_a_version_that_is_too_young) {
  BOOST_TEST(!range_counts("If-Range: " + same + "\r\n", modified + 1));
  BOOST_TEST(range_counts("If-Range: " + same + "\r\n", modified + 2));
}

BOOST_AUTO_TEST_SUITE_END()
