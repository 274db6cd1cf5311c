// Distributed under the Boost Software License, Version 1.0.
// Tests the folder that a plugin begins in: what is written for which name and style, and what is refused.
#include "cli/new_plugin.hpp"

#include "support.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

using namespace epollhost::cli;
namespace fs = std::filesystem;

namespace {

// A prefix with templates of its own, and an empty folder in which the test is meanwhile.
struct places {
  places() {
    const fs::path templates = folder.path("prefix/share/epollhost/templates");
    for (const char* style : {"common", "class", "c"}) fs::create_directories(templates / style);
    fs::create_directory(folder.path("work"));
    write("common/Makefile", "new-plugin.so: new-plugin.cpp @PREFIX@");
    write("common/gitignore", "*.so");
    write("class/new-plugin.cpp", "new-plugin");
    write("c/Makefile", "new-plugin.c");
    fs::current_path(folder.path("work"));
  }
  ~places() { fs::current_path(before); }

  void write(const std::string& name, const std::string& text) const {
    folder.write("prefix/share/epollhost/templates/" + name, text);
  }
  std::string text(const std::string& file) const {
    std::ifstream from(folder.path("work/" + file));
    return {std::istreambuf_iterator<char>(from), {}};
  }
  std::string make(const std::string& name, const std::string& style = "class") const {
    return make_new_plugin(name, style, folder.path("prefix"));
  }
  std::string refusal(const std::string& name, const std::string& style = "class") const {
    return test::message_of([&] { make(name, style); });
  }

  fs::path before = fs::current_path();
  test::scratch_folder folder;
};

} // namespace

BOOST_AUTO_TEST_SUITE(new_plugin)

BOOST_FIXTURE_TEST_CASE(writes_the_templates_with_the_name_in_them, places) {
  BOOST_TEST(make("my-echo").starts_with("cd my-echo\n"));
  BOOST_TEST(text("my-echo/my-echo.cpp") == "my-echo");
  BOOST_TEST(text("my-echo/Makefile") == "my-echo.so: my-echo.cpp " + folder.path("prefix"));
  BOOST_TEST(text("my-echo/.gitignore") == "*.so");
}

BOOST_FIXTURE_TEST_CASE(prefers_the_files_of_the_style, places) {
  make("x", "c");
  BOOST_TEST(text("x/Makefile") == "x.c");
  BOOST_TEST(!fs::exists("x/x.cpp"));
}

BOOST_FIXTURE_TEST_CASE(says_what_to_do_next_in_four_lines, places) {
  const std::string said = make("x");
  BOOST_TEST(std::count(said.begin(), said.end(), '\n') == 4);
}

BOOST_FIXTURE_TEST_CASE(overwrites_nothing, places) {
  fs::create_symlink("/nonexistent", "link");
  std::ofstream("file") << "mine";
  fs::create_directory("folder");
  for (const char* name : {"file", "folder", "link"})
    BOOST_TEST(refusal(name) == "--new-plugin: there is \"" + std::string(name) +
                                    "\" in this folder already; take another name, or go elsewhere");
  BOOST_TEST(text("file") == "mine");
  BOOST_TEST(fs::is_empty("folder"));
}

BOOST_FIXTURE_TEST_CASE(refuses_what_is_no_name, places) {
  for (const std::string& name : {std::string(), std::string("Up"), std::string("-x"), std::string("a/b"),
                                  std::string(".."), std::string("a b"), std::string("\u00e4"), std::string(65, 'a')})
    BOOST_TEST(refusal(name).starts_with("--new-plugin: the name "), name);
  BOOST_TEST(refusal("test") == "--new-plugin: the build tools mean something else by \"test\"; take another name");
  BOOST_TEST(fs::is_empty("."));
  BOOST_TEST(refusal(std::string(64, 'a')) == "");
}

BOOST_FIXTURE_TEST_CASE(says_where_it_looked_for_templates, places) {
  fs::remove_all(folder.path("prefix"));
  BOOST_TEST(refusal("x") == "--new-plugin: " + folder.path("prefix/share/epollhost/templates/class") +
                                 ": there are no templates; they are installed with the program (b2 install)");
  BOOST_TEST(fs::is_empty("."));
}

BOOST_FIXTURE_TEST_CASE(says_what_it_cannot_write, places) {
  fs::remove_all(folder.path("work")); // root may write everywhere, but not into nothing
  BOOST_TEST(refusal("x").starts_with("--new-plugin: x: cannot be made: "));
}

BOOST_AUTO_TEST_CASE(is_asked_for_on_the_command_line) {
  const configuration c = test::configured({"--new-plugin", "x", "--style", "c"});
  BOOST_TEST((c.action == action::new_plugin && c.program.new_plugin == "x" && c.program.style == "c"));
  BOOST_TEST(test::configured({"--new-plugin", "x"}).program.style == "class");
  BOOST_TEST(test::refusal_of({"--style", "c", "--plugin", "./http.so"}) ==
             "2 --style: this goes with --new-plugin only; add that or leave this out");
  BOOST_TEST(test::refusal_of({"--new-plugin", "x", "--style", "clas"}).find("did you mean \"class\"?") !=
             std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
