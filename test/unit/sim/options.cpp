// Distributed under the Boost Software License, Version 1.0.
// Tests the command line of epollhost-sim.
#include "sim/options.hpp"

#include "cli/failure.hpp"
#include "cli/text.hpp"

#include <boost/test/unit_test.hpp>

#include <iterator>
#include <sstream>

using namespace epollhost;
using namespace epollhost::sim;

namespace {

std::vector<std::string> words(const std::string& line) {
  std::istringstream in(line);
  return {std::istream_iterator<std::string>(in), {}};
}

std::string refusal(const std::string& line) {
  try {
    parse_options(words(line));
  } catch (const cli::failure& e) {
    return e.what();
  }
  return "it was taken";
}

} // namespace

BOOST_AUTO_TEST_SUITE(options)

BOOST_AUTO_TEST_CASE(replays_without_a_plugin_and_beside_nothing_that_is_for_seeds) {
  BOOST_TEST(parse_options(words("--replay rec.1")).replay == "rec.1");
  for (const char* other : {"--seed 1", "--seeds 5", "--first 2", "--jobs 1", "--talk http", "--script x",
                            "--trigger edge", "--seed 1 --faults none", "--backend none", "--relayed", "--compare off"})
    BOOST_TEST(refusal(std::string("--replay rec.1 ") + other).starts_with("--replay plays what was recorded"), other);
}

BOOST_AUTO_TEST_CASE(prints_options_that_parse_to_the_same_plan) {
  plan p;
  p.seed = 77;
  p.clients = 1u << 2 | 1u << 15;
  p.faults = 1u;
  p.faults_most = 3;
  p.cuts_most = 0;
  p.slow_net = false;
  p.calm_backends = true;
  const std::string line = to_options(p);
  BOOST_CHECK_EQUAL(line, " --seed 77 --clients 2,15 --faults short-read --faults-most 3 --cuts-most 0 --slow-net off "
                          "--calm-backends");
  BOOST_CHECK(parse_options(words("--plugin x.so" + line)).how == p);
  BOOST_CHECK_EQUAL(to_options(plan()), " --seed 1");
}

BOOST_AUTO_TEST_CASE(says_what_is_wrong_and_what_to_do) {
  BOOST_CHECK_EQUAL(refusal(""), "no plugin is given; add --plugin FILE");
  BOOST_CHECK_NE(refusal("--plugin x.so --sedes 3").find("did you mean"), std::string::npos);
  BOOST_CHECK_NE(refusal("--plugin x.so --seed 1 --faults short").find("there are short-read, late-input"),
                 std::string::npos);
  BOOST_CHECK_NE(refusal("--plugin x.so --seed 1 --clients 16").find("15"), std::string::npos);
  BOOST_CHECK_NE(refusal("--plugin x.so --faults none").find("add --seed"), std::string::npos);
  BOOST_CHECK_NE(refusal("--plugin x.so --talk http --script f").find("one or the other"), std::string::npos);
  BOOST_CHECK_NE(refusal("--plugin x.so --relayed --backend none").find("--backend echo"), std::string::npos);
  BOOST_CHECK_NE(refusal("--plugin x.so --backend collect --backend-script f").find("one or the other"),
                 std::string::npos);
  BOOST_CHECK_NE(refusal("--plugin x.so --calm-backends").find("add --seed"), std::string::npos);
  BOOST_CHECK_NE(refusal("--plugin x.so --seeds 0").find("1 or more"), std::string::npos);
}

BOOST_AUTO_TEST_CASE(checks_the_options_of_the_plugin) {
  plugin_description plugin;
  plugin.name = "echo";
  option_description limit;
  limit.name = "limit";
  limit.type = 2; // EH_INTEGER
  plugin.options = {limit};
  const auto values = [&](const std::string& line) {
    return plugin_values(parse_options(words("--plugin x.so " + line)), plugin, default_values(plugin));
  };
  BOOST_CHECK_EQUAL(values("").at(0).integer, 0);
  BOOST_CHECK_EQUAL(values("--echo.limit 5").at(0).integer, 5);
  BOOST_CHECK_THROW(values("--echo.limt 5"), cli::failure);
  BOOST_CHECK_THROW(values("--http.limit 5"), cli::failure);
}

BOOST_AUTO_TEST_SUITE_END()
