// Distributed under the Boost Software License, Version 1.0.
// Tests what variables of the environment mean, and what wins over them.
#include "cli/environment.hpp"

#include "support.hpp"

#include <boost/test/unit_test.hpp>

using namespace epollhost;
using namespace epollhost::cli;
using test::configured_with;
using test::refusal_of;

namespace {

const std::vector<std::string> http = {"--plugin", "./http.so"};

std::vector<std::string> warnings_of(const std::string& variable) { return configured_with({variable}, http).warnings; }

} // namespace

BOOST_AUTO_TEST_SUITE(environment_)

BOOST_AUTO_TEST_CASE(names_variables_after_options) {
  BOOST_TEST(variable_name("workers") == "EPOLLHOST_WORKERS");
  BOOST_TEST(variable_name("web-2.log-level") == "EPOLLHOST_WEB_2_LOG_LEVEL");
}

BOOST_AUTO_TEST_CASE(sets_options_of_the_host_and_of_each_plugin) {
  const auto c = configured_with({"EPOLLHOST_PLUGIN=web-2=./http.so", "EPOLLHOST_BACKLOG=7", "EPOLLHOST_WEB_2_BODY=Hi",
                                  "EPOLLHOST_WEB_2_WRITE_POLICY=now", "EPOLLHOST_LOG_LEVEL=debug", "PATH=/bin"},
                                 {});
  const worker_settings& s = c.instances.at(0).settings;
  BOOST_TEST(s.name == "web-2");
  BOOST_TEST(s.backlog == 7);
  BOOST_TEST(s.values[0].text == "Hi");
  BOOST_TEST((s.policy == write_policy::now));
  BOOST_TEST((c.program.log_level == log::level::debug));
  BOOST_TEST(c.warnings.empty());
}

BOOST_AUTO_TEST_CASE(wins_over_the_file_and_loses_to_the_command_line) {
  const test::scratch_folder folder;
  const std::string file = folder.write("f", "plugin = ./http.so\nbacklog = 1\ncork = on\n[http]\nbody = file\n");
  const std::vector<std::string> variables = {"EPOLLHOST_CONFIG=" + file, "EPOLLHOST_HTTP_BODY=variable",
                                              "EPOLLHOST_BACKLOG=2", "EPOLLHOST_HTTP_LEVEL=3"};
  const auto plain = configured_with(variables, {});
  BOOST_TEST(plain.instances.at(0).settings.values[0].text == "variable");
  BOOST_TEST(plain.instances.at(0).settings.backlog == 2);
  BOOST_TEST(plain.instances.at(0).settings.cork);
  const auto told = configured_with(variables, {"--http.body", "line", "--backlog=3"});
  BOOST_TEST(told.instances.at(0).settings.values[0].text == "line");
  BOOST_TEST(told.instances.at(0).settings.values[1].integer == 3);
  BOOST_TEST(told.instances.at(0).settings.backlog == 3);
  const std::string other = folder.write("g", "plugin = ./http.so\nbacklog = 9\n");
  BOOST_TEST(configured_with({"EPOLLHOST_CONFIG=" + file}, {"--config", other}).instances.at(0).settings.backlog == 9);
}

BOOST_AUTO_TEST_CASE(is_named_as_the_origin) {
  const auto c = configured_with({"EPOLLHOST_HTTP_BODY="}, http);
  for (const setting& s : c.instances.at(0).shown)
    if (s.name == "body") BOOST_TEST(to_string(s.from) == "EPOLLHOST_HTTP_BODY");
}

BOOST_AUTO_TEST_CASE(says_variable_and_fault_of_a_bad_value) {
  BOOST_TEST(refusal_of(http, {"EPOLLHOST_HTTP_LEVEL=11"}).starts_with("3 EPOLLHOST_HTTP_LEVEL: \"11\" is too large"));
  BOOST_TEST(refusal_of(http, {"EPOLLHOST_BACKLOG="}).starts_with("3 EPOLLHOST_BACKLOG: the value is empty"));
  BOOST_TEST(refusal_of({"--plugin", "./http.so", "--plugin", "./raw.so"}, {"EPOLLHOST_LISTEN=:1"}) ==
             "3 EPOLLHOST_LISTEN: 2 plugins cannot share an address; say whose it is: EPOLLHOST_HTTP_LISTEN");
}

BOOST_AUTO_TEST_CASE(refuses_what_is_meant_for_a_plugin_and_means_nothing) {
  BOOST_TEST(
      refusal_of(http, {"EPOLLHOST_HTTP_BODDY=x"}) ==
      "3 \"EPOLLHOST_HTTP_BODDY\": neither the plugin nor the host has an option for this variable; did you mean "
      "\"EPOLLHOST_HTTP_BODY\"?");
  BOOST_TEST(refusal_of(http, {"EPOLLHOST_CHECK=1"}) ==
             "3 \"EPOLLHOST_CHECK\": this can stand only on the command line, as --check");
}

BOOST_AUTO_TEST_CASE(refuses_what_means_two_options) {
  BOOST_TEST(refusal_of({"--plugin", "send=./keeper.so", "--plugin", "./http.so"}, {"EPOLLHOST_SEND_TIMEOUT=1s"}) ==
             "");
  BOOST_TEST(
      refusal_of({"--plugin", "web=./http.so", "--plugin", "web-write=./pair.so"},
                 {"EPOLLHOST_WEB_WRITE_POLICY=now"}) ==
      "3 \"EPOLLHOST_WEB_WRITE_POLICY\": this may mean --web.write-policy or --web-write.policy; say which on the "
      "command line or in a file");
  BOOST_TEST(refusal_of({"--plugin", "write=./pair.so"}, {"EPOLLHOST_WRITE_POLICY=now"}) ==
             "3 \"EPOLLHOST_WRITE_POLICY\": this may mean --write.policy or --write-policy; say which on the command "
             "line or in a file");
}

BOOST_AUTO_TEST_CASE(warns_of_others_and_says_what_may_be_meant) {
  BOOST_TEST(warnings_of("EPOLLHOST_WORKRES=2").at(0) ==
             "the variable \"EPOLLHOST_WORKRES\" of the environment names no option and no plugin; it is ignored; did "
             "you mean \"EPOLLHOST_WORKERS\"?");
  BOOST_TEST(warnings_of("EPOLLHOST_FOO_BAR=1").at(0) ==
             "the variable \"EPOLLHOST_FOO_BAR\" of the environment names no option and no plugin; it is ignored");
  BOOST_TEST(warnings_of("EPOLLHOST_=1").at(0) ==
             "the variable \"EPOLLHOST_\" of the environment names no option and no plugin; it is ignored");
  BOOST_TEST(warnings_of("EPOLLHOST_HTTPS_BODY=x").size() == 1u);
  BOOST_TEST(warnings_of("EPOLLHOST=x").empty());
}

// A service of that name, in the words of Kubernetes' documentation.
BOOST_AUTO_TEST_CASE(leaves_the_variables_of_kubernetes_alone) {
  for (const char* name : {"EPOLLHOST", "EPOLLHOST_HTTP"})
    for (const char* rest : {"_SERVICE_HOST=10.0.0.11", "_SERVICE_PORT=6379", "_SERVICE_PORT_WEB=80",
                             "_PORT=tcp://10.0.0.11:6379", "_PORT_6379_TCP=tcp://10.0.0.11:6379",
                             "_PORT_6379_TCP_PROTO=tcp", "_PORT_6379_TCP_ADDR=10.0.0.11", "_PORT_53_UDP_PORT=53"})
      BOOST_TEST(warnings_of(std::string(name) + rest).empty(), name << rest);
  BOOST_TEST(refusal_of(http, {"EPOLLHOST_HTTP_PORT=80"}) != "");
}

BOOST_AUTO_TEST_SUITE_END()
