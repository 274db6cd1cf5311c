// Distributed under the Boost Software License, Version 1.0.
// Tests how the file of a plugin is found.
#include "cli/plugin_search.hpp"

#include "support.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>

using namespace epollhost::cli;

namespace {

struct two_folders {
  test::scratch_folder scratch;
  std::string first = scratch.path("first"), second = scratch.path("second");

  two_folders() {
    std::filesystem::create_directories(first + "/folder.so");
    std::filesystem::create_directory(second);
    scratch.write("first/a.so", "");
    scratch.write("second/a.so", "");
    scratch.write("second/http.so", "");
    scratch.write("second/notes.txt", "");
  }
  std::string find(const std::string& file) const { return find_plugin(file, {first, second, "/nonexistent"}); }
  std::string refusal(const std::string& file) const {
    return test::message_of([&] { find(file); });
  }
};

// Goes there and comes back.
struct current_folder {
  std::filesystem::path before = std::filesystem::current_path();
  explicit current_folder(const std::string& folder) { std::filesystem::current_path(folder); }
  ~current_folder() { std::filesystem::current_path(before); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(plugin_search, two_folders)

BOOST_AUTO_TEST_CASE(takes_the_first_folder_that_has_the_file) {
  BOOST_TEST(find("a.so") == first + "/a.so");
  BOOST_TEST(find("http.so") == second + "/http.so");
}

BOOST_AUTO_TEST_CASE(takes_a_name_with_a_slash_as_it_is) {
  BOOST_TEST(find("./a.so") == "./a.so");
  BOOST_TEST(find("/nowhere/a.so") == "/nowhere/a.so");
}

BOOST_AUTO_TEST_CASE(never_searches_the_current_folder) {
  scratch.write("here.so", "");
  const current_folder there(scratch.path(""));
  BOOST_TEST(refusal("here.so").find("the current folder, which has one, is not searched: write \"./here.so\"") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(says_where_it_looked_and_what_is_there) {
  const std::string where = first + ", " + second + " or /nonexistent";
  BOOST_TEST(refusal("htp.so") == "--plugin: there is no \"htp.so\" in " + where + "; did you mean \"http.so\"?");
  BOOST_TEST(refusal("http") == "--plugin: there is no \"http\" in " + where + "; did you mean \"http.so\"?");
  BOOST_TEST(refusal("zebra.so") == "--plugin: there is no \"zebra.so\" in " + where + "; there are a.so and http.so");
  BOOST_TEST(test::message_of([] {
               find_plugin("a.so", {"/nonexistent"});
             }).find("name the file with its path, or the folder with --plugin-dir") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(takes_no_folder_for_a_plugin) {
  BOOST_TEST(refusal("folder.so").find("there is no \"folder.so\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(lists_each_plugin_once) {
  const std::vector<std::string> want = {"a.so", "http.so"};
  BOOST_TEST(plugins_in({first, second, "/nonexistent"}) == want, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(looks_beside_the_program_and_where_it_is_installed) {
  const std::vector<std::string> want = {"/usr/local/bin/plugins", "/usr/local/lib/epollhost/plugins"};
  BOOST_TEST(default_plugin_folders("/usr/local/bin") == want, boost::test_tools::per_element());
  BOOST_TEST(std::filesystem::exists(running_program_folder()));
}

BOOST_AUTO_TEST_SUITE_END()
