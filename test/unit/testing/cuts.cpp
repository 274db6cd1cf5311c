// Distributed under the Boost Software License, Version 1.0.
// Tests that a plugin which depends on how its input is cut is found.
#include <epollhost/testing.hpp>

#include <boost/test/unit_test.hpp>

#include <string>

using namespace epollhost;

namespace {

// Answers each line with its length; `right` looks for the end of the line in all that it is given.
template <bool right> struct lines {
  static constexpr auto about = epollhost::about{"lines", "1.0.0", "measures lines", ":7000"};
  struct connection {
    next data(io& io) {
      for (std::size_t end; (end = io.input().find('\n')) != std::string_view::npos;)
        io.reply(std::to_string(io.take(end + 1).size()) + "\n");
      if (!right) io.consume(io.input().size());
      return next::keep;
    }
  };
};

struct sloppy {
  static constexpr auto about = epollhost::about{"sloppy", "1.0.0", "takes more than there is", ":7000"};
  struct connection {
    next data(io& io) {
      io.consume(4);
      return next::keep;
    }
  };
};

bool has(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

} // namespace

BOOST_AUTO_TEST_SUITE(cuts)

BOOST_AUTO_TEST_CASE(do_not_matter_to_a_plugin_that_waits_for_the_whole) {
  testing::plugin_of<lines<true>> p;
  testing::same_however_cut(p, "one\ntwo two\n\nthree");
  testing::same_however_cut(p, "one\ntwo two\n\nthree", {.finish = true});
  testing::same_however_cut(p, "");
}

BOOST_AUTO_TEST_CASE(show_where_it_was_cut_and_what_came_of_it) {
  testing::plugin_of<lines<false>> p;
  const std::string why = testing::difference_by_cut(p, "one\ntwo\n");
  BOOST_TEST(has(why, R"(cut after byte 1, before "ne\ntwo\n")"), why);
  BOOST_TEST(has(why, R"(expected 4 bytes: "4\n4\n")"), why);
  BOOST_TEST(has(why, R"(found    4 bytes: "3\n4\n")"), why);
  BOOST_TEST(has(why, "differ from byte 0"), why);
  BOOST_CHECK_THROW(testing::same_however_cut(p, "one\ntwo\n"), testing::failure);
}

BOOST_AUTO_TEST_CASE(show_a_rule_that_is_broken_only_there) {
  testing::plugin_of<sloppy> p;
  const std::string why = testing::difference_by_cut(p, "12345678");
  BOOST_TEST(has(why, "after byte 1"), why);
  BOOST_TEST(has(why, "[in-used]"), why);
}

BOOST_AUTO_TEST_CASE(are_as_many_as_are_asked_for) {
  testing::plugin_of<lines<true>> p;
  const std::string input(1000, 'x');
  testing::same_however_cut(p, input, {.cuts_max = 7});
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(texts)

BOOST_AUTO_TEST_CASE(are_shown_with_escapes_and_without_their_middle) {
  BOOST_TEST(testing::escaped(std::string("a\"\\\r\n\t\0\x80", 8)) == R"("a\"\\\r\n\t\x00\x80")");
  BOOST_TEST(testing::escaped("12345678", 8) == R"("12345678")");
  BOOST_TEST(testing::escaped("123456789", 8) == R"("1234" ... 1 bytes ... "6789")");
}

BOOST_AUTO_TEST_CASE(are_shown_from_near_the_place_where_they_differ) {
  const std::string long_one(1000, 'x');
  const std::string why = testing::difference(long_one + "a", long_one + "b");
  BOOST_TEST(has(why, "from byte 800"), why);
  BOOST_TEST(has(why, "differ from byte 1000"), why);
  BOOST_TEST(testing::difference("same", "same") == "");
}

BOOST_AUTO_TEST_SUITE_END()
