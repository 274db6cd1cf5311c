// Distributed under the Boost Software License, Version 1.0.
// Tests which paths count as writable by other users.
#include "base/path_trust.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace fs = std::filesystem;
using epollhost::why_not_trusted;

namespace {

constexpr uid_t stranger = 4321;

// The private folder TOP, and in it a/b/file.
struct tree {
  fs::path top;
  tree() {
    std::string name = (fs::temp_directory_path() / "epollhost-XXXXXX").string();
    if (!::mkdtemp(name.data())) throw std::runtime_error("mkdtemp failed");
    top = fs::canonical(name);
    fs::create_directories(top / "a/b");
    std::ofstream(top / "a/b/file") << "x";
    for (const char* each : {"a", "a/b"}) mode(each, 0755);
    mode("a/b/file", 0644);
  }
  ~tree() {
    std::error_code ignored; // a leftover folder is no failure of the test
    fs::remove_all(top, ignored);
  }
  void mode(const char* name, mode_t to) const { BOOST_REQUIRE(::chmod((top / name).c_str(), to) == 0); }
  std::string fault(const char* name = "a/b/file") const { return why_not_trusted((top / name).string()); }
  bool refused(const std::string& part, const char* name = "a/b/file") const {
    const std::string why = fault(name);
    BOOST_TEST_INFO(why);
    return why.find(part) != why.npos;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(path_trust, tree)

BOOST_AUTO_TEST_CASE(takes_what_only_the_owner_and_the_group_may_write) {
  BOOST_TEST(fault() == "");
  mode("a", 0775);
  mode("a/b/file", 0664);
  BOOST_TEST(fault() == "");
}

BOOST_AUTO_TEST_CASE(names_the_file_or_the_folder_however_far_up_that_everybody_may_write) {
  mode("a/b/file", 0646);
  BOOST_TEST(refused("everybody may write to the file " + (top / "a/b/file").string() + " (mode 0646)"));
  mode("a/b/file", 0644);
  for (const char* folder : {"a", "a/b"}) {
    mode(folder, 0777);
    BOOST_TEST(refused("everybody may write to the folder " + (top / folder).string() + " (mode 0777)"));
    BOOST_TEST(refused("chmod o-w " + (top / folder).string()));
    mode(folder, 0755);
  }
}

BOOST_AUTO_TEST_CASE(takes_a_sticky_folder_as_long_as_the_entry_is_ours_or_of_root) {
  mode("a", 01777);
  BOOST_TEST(fault() == "");
  if (::geteuid() != 0) return; // only root gives files away
  BOOST_REQUIRE(::chown((top / "a/b").c_str(), stranger, stranger) == 0);
  BOOST_TEST(refused("may create files in the folder " + (top / "a").string()));
  BOOST_TEST(refused("belongs to user 4321, expected root or user 0"));
  BOOST_TEST(!refused("chmod"));
  BOOST_REQUIRE(::chown((top / "a/b").c_str(), 0, 0) == 0);
  BOOST_REQUIRE(::chown((top / "a").c_str(), stranger, stranger) == 0);
  BOOST_TEST(refused("that folder belongs to user 4321"));
  mode("a", 0755); // a folder that root has given to somebody
  BOOST_TEST(fault() == "");
}

BOOST_AUTO_TEST_CASE(looks_at_both_ends_of_each_link) {
  fs::create_directories(top / "open");
  mode("open", 0777);
  fs::create_symlink(top / "a/b/file", top / "open/link");
  fs::create_symlink("open/link", top / "second");
  BOOST_TEST(refused("the folder " + (top / "open").string(), "open/link"));
  BOOST_TEST(refused("the folder " + (top / "open").string(), "second"));
  BOOST_TEST(refused("the folder " + (top / "open").string(), "open/../open/link"));
  mode("open", 0755);
  BOOST_TEST(fault("second") == "");
  mode("a", 0777);
  BOOST_TEST(refused("the folder " + (top / "a").string(), "second"));
  BOOST_TEST(refused("the folder " + (top / "a").string(), "a/../a/b/file"));
}

BOOST_AUTO_TEST_CASE(leaves_what_cannot_be_opened_and_devices_to_others) {
  fs::create_symlink("loop", top / "loop");
  for (const char* name : {"none", "none/file", "a/b/file/x", "loop"}) BOOST_TEST(fault(name) == "", name);
  for (const char* name : {"/dev/null", "/dev/zero", ""}) BOOST_TEST(why_not_trusted(name) == "", name);
}

BOOST_AUTO_TEST_SUITE_END()
