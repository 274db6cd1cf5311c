// Distributed under the Boost Software License, Version 1.0.
// Tests the reading of dates.
#include "date.hpp"

#include <epollhost/http/date.hpp>

#include <boost/test/unit_test.hpp>

#include <string>

namespace {

std::int64_t seconds(std::string_view text) { return files::read_date(text, 2026).value_or(-1); }

} // namespace

BOOST_AUTO_TEST_SUITE(date)

BOOST_AUTO_TEST_CASE(reads_the_three_forms) {
  BOOST_TEST(seconds("Sun, 06 Nov 1994 08:49:37 GMT") == 784111777);
  BOOST_TEST(seconds("Sunday, 06-Nov-94 08:49:37 GMT") == 784111777);
  BOOST_TEST(seconds("Sun Nov  6 08:49:37 1994") == 784111777);
  BOOST_TEST(seconds("Wed Nov 16 08:49:37 1994") == 784111777 + 10 * 86400);
}

BOOST_AUTO_TEST_CASE(knows_leap_days_and_leap_seconds) {
  BOOST_TEST(seconds("Thu, 29 Feb 1996 00:00:00 GMT") == 825552000);
  BOOST_TEST(seconds("Tue, 29 Feb 2000 00:00:00 GMT") == 951782400);
  BOOST_TEST(seconds("Sat, 31 Dec 2016 23:59:60 GMT") == 1483228800);
}

BOOST_AUTO_TEST_CASE(takes_two_digits_of_a_year_as_at_most_50_years_ahead) {
  BOOST_TEST(seconds("Wednesday, 01-Jan-76 00:00:00 GMT") == seconds("Wed, 01 Jan 2076 00:00:00 GMT"));
  BOOST_TEST(seconds("Saturday, 01-Jan-77 00:00:00 GMT") == seconds("Sat, 01 Jan 1977 00:00:00 GMT"));
}

BOOST_AUTO_TEST_CASE(reads_what_is_written) {
  for (std::int64_t at = 0; at < 8'000'000'000; at += 12'345'678) {
    std::string text(epollhost::http::date_bytes, '?');
    epollhost::http::write_date(text.data(), at);
    BOOST_TEST(seconds(text) == at);
  }
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_date) {
  const std::string good = "Sun, 06 Nov 1994 08:49:37 GMT";
  for (std::size_t size = 0; size < good.size(); ++size) BOOST_TEST(seconds(good.substr(0, size)) == -1);
  for (const char* bad :
       {"Sun, 06 Nov 1994 08:49:37 GMT ", "Sun, 06 Nov 1994 08:49:37 UTC", "Xyz, 06 Nov 1994 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Xyz 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, 6 Nov 1994 08:49:37 GMT", "sun, 06 nov 1994 08:49:37 gmt", "1994-11-06T08:49:37Z", "784111777", "0",
        "Sun Nov 06 08:49:37 94", "Sunday, 06-Nov-1994 08:49:37 GMT", "Wed, 31 Feb 1996 00:00:00 GMT",
        "Wed, 29 Feb 1995 00:00:00 GMT", "Thu, 31 Nov 1994 00:00:00 GMT", "Mon, 06 Nov 1994 08:49:37 GMT",
        "Monday, 06-Nov-94 08:49:37 GMT", "Mon Nov  6 08:49:37 1994", "Sunxyz, 06-Nov-94 08:49:37 GMT",
        "Sun, 06-Nov-94 08:49:37 GMT", "Sunsday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:60 GMT",
        "Sun, 06 Nov 1994 23:58:60 GMT"})
    BOOST_TEST_CONTEXT(bad) BOOST_TEST(seconds(bad) == -1);
}

BOOST_AUTO_TEST_SUITE_END()
