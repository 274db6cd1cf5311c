// Distributed under the Boost Software License, Version 1.0.
// Tests the page of --help.
#include "cli/help.hpp"

#include "cli/host_options.hpp"
#include "support.hpp"

#include <boost/test/unit_test.hpp>

using namespace epollhost::cli;
using test::configured;

BOOST_AUTO_TEST_SUITE(help_)

BOOST_AUTO_TEST_CASE(has_every_option_of_the_host) {
  const std::string page = help(configured({"--help"}));
  for (const host_option& option : host_options())
    BOOST_TEST(page.find("\n  --" + option.about.name) != std::string::npos, option.about.name);
}

BOOST_AUTO_TEST_CASE(says_type_range_and_default) {
  const std::string page = help(configured({"--help"}));
  for (const char* part :
       {"--backlog NUMBER", "--trigger edge|level", "[edge]", "--spin DURATION", "--cork on|off", "--input-max SIZE",
        "--unix-mode MODE", "[0660]", "[4096; 1 to 2147483647]", "[256KiB; 1KiB to 1GiB]"})
    BOOST_TEST(page.find(part) != std::string::npos, part);
}

BOOST_AUTO_TEST_CASE(has_the_options_of_the_named_plugins) {
  const std::string page = help(configured({"--help", "--plugin", "web=./http.so", "--plugin", "./raw.so"}));
  for (const char* part :
       {"\nweb: http 1.2.3, greets (./http.so)\n", "  --web.body TEXT", "help of body [\"Hello, world!\"]",
        "--web.level NUMBER", "[0; -10 to 10]", "--web.mode fast|slow", "[fast]", "--web.pause DURATION", "[1500ms]",
        "\nraw: raw 0.1.0, echoes (./raw.so)\n", "--raw.tick DURATION", "[:7000]"})
    BOOST_TEST(page.find(part) != std::string::npos, part << page);
}

BOOST_AUTO_TEST_CASE(fits_a_terminal_of_80_columns) {
  const std::string page = help(configured({"--help", "--plugin", "./http.so"}));
  for (std::size_t at = 0; at < page.size(); at = page.find('\n', at) + 1)
    BOOST_TEST(page.find('\n', at) - at <= 80u, page.substr(at, 100));
}

BOOST_AUTO_TEST_SUITE_END()
