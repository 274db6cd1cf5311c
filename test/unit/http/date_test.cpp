// Distributed under the Boost Software License, Version 1.0.
// Writes dates and compares them with the C library's.

#include <epollhost/http/date.hpp>

#include <boost/test/unit_test.hpp>

#include <ctime>
#include <string>

namespace http = epollhost::http;

namespace {

std::string written(std::int64_t seconds) {
  std::string text(http::date_bytes, '?');
  http::write_date(text.data(), seconds);
  return text;
}

std::string expected(std::time_t seconds) {
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[64];
  return std::string(text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts));
}

} // namespace

BOOST_AUTO_TEST_SUITE(date)

BOOST_AUTO_TEST_CASE(writes_the_date_of_the_standard) {
  BOOST_TEST(written(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT");
}

BOOST_AUTO_TEST_CASE(writes_the_epoch) { BOOST_TEST(written(0) == "Thu, 01 Jan 1970 00:00:00 GMT"); }

BOOST_AUTO_TEST_CASE(writes_what_the_c_library_writes) {
  for (std::int64_t at = -10'000'000'000; at < 250'000'000'000; at += 86'400 * 97 + 12'345)
    BOOST_REQUIRE_EQUAL(written(at), expected(at));
}

BOOST_AUTO_TEST_CASE(writes_the_days_around_leap_days) {
  for (const std::int64_t noon : {951'782'400L, 951'868'800L, 1'709'164'800L, 1'709'251'200L, 4'107'542'400L})
    for (int day = -1; day <= 1; ++day) BOOST_TEST(written(noon + 86'400 * day) == expected(noon + 86'400 * day));
}

BOOST_AUTO_TEST_CASE(stays_within_four_digits_of_year) {
  BOOST_TEST(written(253402300799) == "Fri, 31 Dec 9999 23:59:59 GMT");
  BOOST_TEST(written(253402300800) == "Fri, 31 Dec 9999 23:59:59 GMT");
  BOOST_TEST(written(-62167219200) == "Sat, 01 Jan 0000 00:00:00 GMT");
  BOOST_TEST(written(-62167219201) == "Sat, 01 Jan 0000 00:00:00 GMT");
}

BOOST_AUTO_TEST_CASE(reads_the_wall_clock_once_a_second) {
  http::date_clock clock;
  int reads = 0;
  std::int64_t wall = 1'700'000'000'250'000'000;
  const auto read = [&] { return ++reads, wall; };
  clock.refresh(5, read);
  const std::string first{clock.text()};
  clock.refresh(5 + 749'999'999, read);
  BOOST_TEST(reads == 1);
  wall += 750'000'000;
  clock.refresh(5 + 750'000'000, read);
  BOOST_TEST(reads == 2);
  BOOST_TEST(clock.text() == expected(1'700'000'001));
  BOOST_TEST(clock.text() != first);
}

BOOST_AUTO_TEST_SUITE_END()
