// Distributed under the Boost Software License, Version 1.0.
// Tests the page of --show-config.
#include "cli/show_config.hpp"

#include "cli/host_options.hpp"
#include "support.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>

using namespace epollhost::cli;
using test::configured;

namespace {

// The page without the remarks that say where values come from.
std::string values_of(const std::string& page) {
  std::string out;
  for (std::size_t at = 0; at < page.size();) {
    const auto end = page.find('\n', at);
    const std::string line = page.substr(at, end - at);
    out += line.substr(0, line.rfind(" # ")) + "\n";
    at = end + 1;
  }
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(show_config_)

BOOST_AUTO_TEST_CASE(names_value_and_origin_of_each_option) {
  const std::string page = show_config(configured({"--plugin", "web=./raw.so", "--cork", "--web.listen", ":1"}));
  for (const char* line :
       {"\ncork = on                                # command line\n", "\nlisten = :1 ",
        "\nnodelay = on                             # plugin\n", "\n[web]\n", "/raw.so ",
        "\ntrigger = edge                           # default\n", "\ntick = 0 "})
    BOOST_TEST(page.find(line) != std::string::npos, line << page);
}

BOOST_AUTO_TEST_CASE(shows_every_option_that_a_file_can_have) {
  const std::string page = "\n" + show_config(configured({"--plugin", "./http.so", "--plugin-dir", "/"}));
  for (const host_option& option : host_options())
    if (option.file) BOOST_TEST(page.find("\n" + option.about.name + " = ") != std::string::npos, option.about.name);
}

BOOST_AUTO_TEST_CASE(is_a_file_that_gives_the_same_configuration) {
  const test::scratch_folder folder;
  const std::string page = show_config(configured(
      {"--plugin",     "web=./http.so", "--web.body",  " a # \"b\"\\\n\t", "--backlog", "9",           "--web.listen",
       ":1",           "--web.listen",  "unix:@x y",   "--web.pause",      "7ns",       "--web.ratio", "0.7",
       "--web.mode",   "slow",          "--web.print", "--output-max",     "1GiB",      "--log-level", "debug",
       "--plugin-dir", "/tmp"}));
  const std::string again = show_config(configured({"--config", folder.write("f", page)}));
  BOOST_TEST(values_of(again) == values_of(page));
}

BOOST_AUTO_TEST_CASE(resolves_each_path_by_where_it_is_written) {
  const test::scratch_folder folder;
  const std::string there = std::filesystem::path(folder.path("x")).parent_path().string();
  const std::string here = std::filesystem::current_path().string();
  folder.write("cert", "");
  const std::string file = folder.write("f", "plugin = k=./keeper.so\nplugin-dir = ./\nlog-file = a/log\npid-file = pid\n"
                                             "control = c\n[k]\nlisten = unix:./s\nrecord = r\nbackend = unix:./b\n"
                                             "cert = ./cert\n");
  const std::string page = show_config(configured({"--config", file, "--plugin", "h=./http.so", "--h.record", "./r2",
                                                   "--h.listen", "unix:@name/x"}));
  for (const std::string& line : {"plugin-dir = " + there + "/", "log-file = " + there + "/a/log",
                                  "pid-file = " + there + "/pid", "control = " + there + "/c",
                                  "plugin = k=" + there + "/keeper.so", "plugin = h=" + here + "/http.so",
                                  "listen = unix:" + there + "/s", "record = " + there + "/r",
                                  "backend = unix:" + there + "/b", "cert = " + there + "/cert",
                                  "record = " + here + "/r2", std::string("listen = unix:@name/x")})
    BOOST_TEST(page.find("\n" + line + " ") != page.npos, line << page);
  const std::string again = show_config(configured({"--config", folder.write("g", page)}));
  BOOST_TEST(values_of(again) == values_of(page));
}

BOOST_AUTO_TEST_CASE(shows_no_secret) {
  const test::scratch_folder folder;
  const std::string file = folder.write("token", "open sesame\n");
  const std::string page = show_config(configured({"--plugin", "./keeper.so", "--keeper.token", "open sesame"}));
  BOOST_TEST(page.find("sesame") == std::string::npos, page);
  BOOST_TEST(page.find("\ntoken = *** ") != std::string::npos, page);
  const std::string other = show_config(configured({"--plugin", "./keeper.so", "--keeper.token", "@" + file}));
  BOOST_TEST(other.find("sesame") == std::string::npos, other);
  BOOST_TEST(other.find("\ntoken = @" + file + " ") != std::string::npos, other);
  BOOST_TEST(show_config(configured({"--plugin", "./keeper.so"})).find("\ntoken = \"\" ") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(gives_no_file_that_would_make_its_stars_the_secret) {
  const test::scratch_folder folder;
  const std::string page = show_config(configured({"--plugin", "./keeper.so", "--keeper.token", "x"}));
  BOOST_TEST(test::refusal_of({"--config", folder.write("f", page)}).find("write the secret itself, or @FILE") !=
             std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
