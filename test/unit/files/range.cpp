// Distributed under the Boost Software License, Version 1.0.
// Tests which part of a file a Range field comes to.
#include "range.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using files::range;

constexpr range whole{}, none{range::kind::none};
constexpr range part(std::uint64_t offset, std::uint64_t length) { return {range::kind::part, offset, length}; }

struct row {
  const char* field;
  range of_ten;
  range of_none = none;
};

const row rows[] = {
    {"bytes=0-0", part(0, 1)},
    {"bytes=0-4", part(0, 5)},
    {"bytes=5-9", part(5, 5)},
    {"bytes=9-9", part(9, 1)},
    {"bytes=0-9", part(0, 10)},
    {"bytes=0-10", part(0, 10)}, // clipped
    {"bytes=5-99999999999999999999999999", part(5, 5)},
    {"bytes=5-", part(5, 5)},
    {"bytes=0-", part(0, 10)},
    {"bytes=-1", part(9, 1), whole},
    {"bytes=-10", part(0, 10), whole},
    {"bytes=-11", part(0, 10), whole},
    {"bytes=-99999999999999999999999999", part(0, 10), whole},
    {"BYTES=0-4", part(0, 5)},
    {"bytes= 0-4 ", part(0, 5)},
    {"bytes=0-4,", part(0, 5)},
    {"bytes=,\t0-4 , ,", part(0, 5)},
    {"bytes=007-008", part(7, 2)},
    {"bytes=10-", none},
    {"bytes=10-20", none},
    {"bytes=99999999999999999999999999-", none},
    {"bytes=18446744073709551615-18446744073709551615", none},
    {"bytes=-0", none},
    {"", whole, whole},
    {"bytes", whole, whole},
    {"bytes=", whole, whole},
    {"bytes=,", whole, whole},
    {"bytes=-", whole, whole},
    {"bytes=5", whole, whole},
    {"bytes=5-4", whole, whole},
    {"bytes=a-5", whole, whole},
    {"bytes=0-b", whole, whole},
    {"bytes=0-5x", whole, whole},
    {"bytes=0 -5", whole, whole},
    {"bytes=--5", whole, whole},
    {"bytes=+1-5", whole, whole},
    {"bytes =0-5", whole, whole},
    {"lines=0-5", whole, whole},
    {"bytes=0-1,2-3", whole, whole},
    {"bytes=0-,0-,0-,0-", whole, whole},
    {"bytes=10-,20-", whole, whole},
};

} // namespace

BOOST_AUTO_TEST_SUITE(range_field)

BOOST_AUTO_TEST_CASE(comes_to_the_whole_a_part_or_none) {
  for (const row& r : rows) {
    BOOST_TEST_CONTEXT(r.field) {
      BOOST_CHECK(files::read_range(r.field, 10) == r.of_ten);
      BOOST_CHECK(files::read_range(r.field, 0) == r.of_none);
    }
  }
}

BOOST_AUTO_TEST_CASE(lies_within_the_file) {
  for (std::uint64_t size = 0; size < 12; ++size)
    for (std::uint64_t first = 0; first < 14; ++first)
      for (std::uint64_t last = 0; last < 14; ++last) {
        const range got = files::read_range("bytes=" + std::to_string(first) + "-" + std::to_string(last), size);
        if (got.what != range::kind::part) continue;
        BOOST_TEST(got.length > 0);
        BOOST_TEST(got.offset + got.length <= size);
      }
}

BOOST_AUTO_TEST_SUITE_END()
