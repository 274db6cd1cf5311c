// Distributed under the Boost Software License, Version 1.0.
// Tests sizes and durations.
#include "cli/units.hpp"

#include "support.hpp"

#include <boost/test/unit_test.hpp>

using namespace epollhost::cli;

namespace {
std::string size_refusal(const char* text) {
  return test::message_of([&] { parse_size(text); });
}
std::string duration_refusal(const char* text) {
  return test::message_of([&] { parse_duration(text); });
}
bool has(const std::string& message, const char* part) { return message.find(part) != std::string::npos; }
} // namespace

BOOST_AUTO_TEST_SUITE(units)

BOOST_AUTO_TEST_CASE(reads_sizes) {
  const std::pair<const char*, std::int64_t> cases[] = {
      {"0", 0},         {"512", 512},     {"512B", 512},       {"64KiB", 65536},
      {"64kib", 65536}, {"2MB", 2000000}, {"2 MiB", 2097152},  {"1GiB", 1073741824},
      {"3kB", 3000},    {"3KB", 3000},    {"1TiB", 1LL << 40}, {"9223372036854775807", 9223372036854775807LL}};
  for (const auto& [text, bytes] : cases) BOOST_TEST(parse_size(text) == bytes, text);
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_size_and_says_why) {
  BOOST_TEST(has(size_refusal(""), "the value is empty"));
  BOOST_TEST(has(size_refusal("-1"), "is negative"));
  BOOST_TEST(has(size_refusal("9223372036854775808"), "is too large"));
  BOOST_TEST(has(size_refusal("9999999TiB"), "is too large"));
  BOOST_TEST(has(size_refusal("KiB"), "has no number"));
  BOOST_TEST(has(size_refusal("0x10"), "unknown unit \"x10\""));
  BOOST_TEST(has(size_refusal("1.5MiB"), "has a fraction"));
  BOOST_TEST(has(size_refusal("1,000"), "has a fraction"));
  BOOST_TEST(has(size_refusal("64KiBs"), "unknown unit \"KiBs\""));
  BOOST_TEST(has(size_refusal("+5"), "has no number"));
}

BOOST_AUTO_TEST_CASE(asks_which_thousand_is_meant) {
  BOOST_TEST(size_refusal("64k") == "\"64k\" has the unit \"k\", which some count in 1000s and others in 1024s; "
                                    "write \"64KiB\" (of 1024) or \"64kB\" (of 1000)");
}

BOOST_AUTO_TEST_CASE(reads_durations) {
  const std::pair<const char*, std::int64_t> cases[] = {{"0", 0},
                                                        {"5ns", 5},
                                                        {"50us", 50000},
                                                        {"50\u00b5s", 50000},
                                                        {"250ms", 250000000},
                                                        {"0s", 0},
                                                        {"10s", 10000000000},
                                                        {"2m", 120000000000},
                                                        {"1h", 3600000000000},
                                                        {"1d", 86400000000000},
                                                        {"10 s", 10000000000}};
  for (const auto& [text, nanoseconds] : cases) BOOST_TEST(parse_duration(text) == nanoseconds, text);
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_duration_and_says_why) {
  BOOST_TEST(has(duration_refusal("10"), "has no unit"));
  BOOST_TEST(has(duration_refusal("10"), "did you mean \"10s\" or \"10ms\"?"));
  BOOST_TEST(has(duration_refusal(""), "the value is empty"));
  BOOST_TEST(has(duration_refusal("-1s"), "is negative"));
  BOOST_TEST(has(duration_refusal("1.5s"), "has a fraction"));
  BOOST_TEST(has(duration_refusal("10 fortnights"), "unknown unit \"fortnights\""));
  BOOST_TEST(has(duration_refusal("1h30m"), "unknown unit \"h30m\""));
  BOOST_TEST(has(duration_refusal("106752d"), "is too large"));
  BOOST_TEST(has(duration_refusal("99999999999999999999s"), "is too large"));
  BOOST_TEST(has(duration_refusal("forever"), "has no number"));
}

BOOST_AUTO_TEST_CASE(writes_what_it_reads) {
  for (const std::int64_t n : {0LL, 1LL, 512LL, 1000LL, 1024LL, 65536LL, 2000000LL, 1LL << 40, 9223372036854775807LL}) {
    BOOST_TEST(parse_size(format_size(n)) == n);
    BOOST_TEST(parse_duration(format_duration(n)) == n);
  }
  BOOST_TEST(format_size(262144) == "256KiB");
  BOOST_TEST(format_size(1000) == "1000");
  BOOST_TEST(format_duration(1'500'000'000) == "1500ms");
  BOOST_TEST(format_duration(60'000'000'000) == "1m");
  BOOST_TEST(format_duration(50'000) == "50us");
}

BOOST_AUTO_TEST_SUITE_END()
