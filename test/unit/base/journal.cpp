// Distributed under the Boost Software License, Version 1.0.
// Tests base/journal: the journal is known by its inode, and its lines have a priority and no time.
#include "base/journal.hpp"

#include "base/log_line.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

using namespace epollhost::log;

namespace {

struct stream_variable {
  explicit stream_variable(const std::string& value) { ::setenv("JOURNAL_STREAM", value.c_str(), 1); }
  ~stream_variable() { ::unsetenv("JOURNAL_STREAM"); }
};

std::string line(format as, level l) { return fmt::to_string(format_line(as, {1'700'000'000, 0}, l, "http", "Hi")); }

} // namespace

BOOST_AUTO_TEST_SUITE(journal)

BOOST_AUTO_TEST_CASE(is_the_standard_error_where_its_inode_is_named) {
  struct stat s {};
  BOOST_REQUIRE(::fstat(STDERR_FILENO, &s) == 0);
  BOOST_TEST(!standard_error_is_journal());
  const std::string named = fmt::format("{}:{}", s.st_dev, s.st_ino);
  {
    const stream_variable v(named);
    BOOST_TEST(standard_error_is_journal());
  }
  for (const std::string& other : {named + "1", std::string("1:1"), std::string()}) {
    const stream_variable v(other);
    BOOST_TEST(!standard_error_is_journal());
  }
}

BOOST_AUTO_TEST_CASE(gets_a_priority_and_no_second_time) {
  BOOST_TEST(journal_line(format::text, line(format::text, level::error)) == "<3>http: Hi\n");
  BOOST_TEST(journal_line(format::text, line(format::text, level::warning)) == "<4>http: Hi\n");
  BOOST_TEST(journal_line(format::text, line(format::text, level::info)) == "<6>http: Hi\n");
  BOOST_TEST(journal_line(format::text, line(format::text, level::debug)) == "<7>http: Hi\n");
  BOOST_TEST(journal_line(format::json, line(format::json, level::error)).starts_with("<3>{\"time\""));
}

BOOST_AUTO_TEST_SUITE_END()
