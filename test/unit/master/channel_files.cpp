// Distributed under the Boost Software License, Version 1.0.
// Tests master/channel_files: which files a plugin may log to, and what the user reads if it may not.
#include "master/channel_files.hpp"

#include "epollhost/plugin.h"
#include "support.hpp"
#include "worker/plugin_refused.hpp"

#include <boost/test/unit_test.hpp>

#include <unistd.h>

namespace {

using namespace epollhost;
using namespace epollhost::master;
using namespace epollhost::test;

// A plugin with one option, which asks for one channel.
planned_instance asking_for(const std::string& path, const std::string& option, const std::string& by_default = "") {
  planned_instance p;
  p.settings.name = "web";
  p.settings.plugin_file = "/lib/http.so";
  auto& o = p.plugin.options.emplace_back();
  o.name = "access-log";
  o.type = EH_STRING;
  o.fallback.text = by_default;
  p.settings.values.push_back({.integer = 0, .real = 0, .text = option});
  p.channels = {path};
  return p;
}

bool is_there(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

template <class Exception> void refuses(const planned_instance& p, const std::string& part) {
  for (const auto f : {make_channel_files, check_channel_files})
    BOOST_CHECK_EXCEPTION(f(p), Exception, [&](const auto& e) {
      BOOST_TEST_CONTEXT(e.what()) { BOOST_CHECK(std::string(e.what()).find(part) != std::string::npos); }
      return true;
    });
}

} // namespace

BOOST_AUTO_TEST_SUITE(channel_files_)

BOOST_AUTO_TEST_CASE(makes_the_file_that_an_option_names) {
  const temporary_folder folder;
  const std::string path = folder / "a";
  check_channel_files(asking_for(path, path));
  BOOST_TEST(!is_there(path)); // a look makes none
  make_channel_files(asking_for(path, path));
  BOOST_TEST(is_there(path));
  check_channel_files(asking_for(path, path));
  check_channel_files(asking_for("-", "-"));
  make_channel_files(asking_for("-", "-"));
}

BOOST_AUTO_TEST_CASE(names_the_option_the_path_and_the_reason) {
  const temporary_folder folder;
  const std::string path = folder / "none/a", a_folder = folder / "";
  refuses<std::runtime_error>(asking_for(path, path),
                              "--web.access-log " + path + ": cannot open the file to append to it: No such file");
  refuses<std::runtime_error>(asking_for(a_folder, a_folder), "Is a directory");
}

BOOST_AUTO_TEST_CASE(refuses_a_file_that_the_user_has_not_named) {
  const temporary_folder folder;
  const std::string path = folder / "a";
  refuses<plugin_refused>(asking_for(path, folder / "b"),
                          "opened a log channel to \"" + path + "\", expected the value");
  refuses<plugin_refused>(asking_for(path, path, path), "that the user has given"); // the plugin's own default
  BOOST_TEST(!is_there(path));
}

BOOST_AUTO_TEST_SUITE_END()
