// Distributed under the Boost Software License, Version 1.0.
// Tests the page that lists a folder.
#include "listing.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>

namespace {

struct folder {
  folder() {
    char name[] = "/tmp/epollhost-test-XXXXXX";
    BOOST_REQUIRE(::mkdtemp(name));
    path = name;
  }
  ~folder() { std::filesystem::remove_all(path); }
  void file(const std::string& name) const { std::ofstream{path / name} << "x"; }
  files::descriptor open() const { return files::descriptor{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)}; }
  std::filesystem::path path;
};

} // namespace

BOOST_AUTO_TEST_SUITE(listing)

BOOST_AUTO_TEST_CASE(has_names_in_order_without_the_hidden_ones) {
  const folder f;
  f.file("b"), f.file("a"), f.file(".hidden");
  std::filesystem::create_directory(f.path / "c");
  const auto found = files::read_folder(f.open(), 10);
  BOOST_TEST(found.names == (std::vector<std::string>{"a", "b", "c/"}), boost::test_tools::per_element());
  BOOST_TEST(!found.more);
}

BOOST_AUTO_TEST_CASE(ends_at_its_bound_and_says_so) {
  const folder f;
  f.file("a"), f.file("b"), f.file("c");
  BOOST_TEST(!files::read_folder(f.open(), 3).more);
  const auto found = files::read_folder(f.open(), 2);
  BOOST_TEST(found.names.size() == 2u);
  BOOST_TEST(found.more);
  BOOST_TEST(files::listing_page("", found).find("There are more.") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(escapes_what_a_name_has) {
  const std::string page = files::listing_page("x<y", {{"a&b<script>\"'", "javascript:x"}, false});
  BOOST_TEST(page.find("<h1>/x&lt;y/</h1>") != std::string::npos);
  BOOST_TEST(page.find("<a href=\"./a%26b%3Cscript%3E%22%27\">a&amp;b&lt;script&gt;&quot;&#39;</a>") !=
             std::string::npos);
  BOOST_TEST(page.find("<a href=\"./javascript%3Ax\">") != std::string::npos);
  BOOST_TEST(page.find("<a href=\"../\">") != std::string::npos);
  BOOST_TEST(files::listing_page("", {}).find("../") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
