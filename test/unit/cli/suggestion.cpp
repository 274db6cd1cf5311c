// Distributed under the Boost Software License, Version 1.0.
// Tests the guess at what was meant.
#include "cli/suggestion.hpp"

#include <boost/test/unit_test.hpp>

using namespace epollhost::cli;

namespace {
const std::vector<std::string> known = {"plugin",          "plugin-dir", "listen", "backlog",
                                        "max-connections", "trigger",    "cork"};
}

BOOST_AUTO_TEST_SUITE(suggestion)

BOOST_AUTO_TEST_CASE(finds_the_word_behind_a_slip) {
  const std::pair<const char*, const char*> cases[] = {{"plugn", "plugin"},
                                                       {"pluggin", "plugin"},
                                                       {"lsiten", "listen"},
                                                       {"BackLog", "backlog"},
                                                       {"plugin_dir", "plugin-dir"},
                                                       {"max-conections", "max-connections"},
                                                       {"max_connections", "max-connections"},
                                                       {"back", "backlog"},
                                                       {"connections", "max-connections"},
                                                       {"trig", "trigger"},
                                                       {"dork", "cork"}};
  for (const auto& [word, meant] : cases)
    BOOST_TEST(nearest(word, known) == meant, word << ": " << nearest(word, known));
}

BOOST_AUTO_TEST_CASE(guesses_nothing_for_a_word_that_is_far_from_all) {
  for (const char* word : {"", "x", "zebra", "workers", "zzzzzzzzzzzz"}) BOOST_TEST(nearest(word, known) == "", word);
  BOOST_TEST(nearest(std::string(100'000, 'b'), known) == "");
}

BOOST_AUTO_TEST_CASE(makes_half_a_sentence_of_it) {
  BOOST_TEST(did_you_mean("plugn", known, "--") == "; did you mean \"--plugin\"?");
  BOOST_TEST(did_you_mean("zebra", known, "--") == "");
}

BOOST_AUTO_TEST_SUITE_END()
