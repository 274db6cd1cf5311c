// Distributed under the Boost Software License, Version 1.0.
// Tests the page that lists a folder.
#include "listing.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

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
  files::listing list(std::size_t most, std::string_view name = "") const { return {open(), name, most}; }
  std::filesystem::path path;
};

std::string page(files::listing of, std::size_t part = 1) {
  std::string whole;
  while (!of.done()) {
    std::string made;
    of.append(made, part);
    BOOST_TEST(made.size() < part + 2000);
    whole += made;
  }
  return whole;
}

std::vector<std::string> names(const std::string& page) {
  std::vector<std::string> out;
  const std::string before = "<li><a href=\"./";
  for (std::size_t at = 0; (at = page.find(before, at)) != page.npos;) {
    at += before.size();
    out.push_back(page.substr(at, page.find('"', at) - at));
  }
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(listing)

BOOST_AUTO_TEST_CASE(has_names_in_order_without_the_hidden_ones) {
  const folder f;
  f.file("b"), f.file("a"), f.file(".hidden");
  std::filesystem::create_directory(f.path / "c");
  const std::string all = page(f.list(10));
  BOOST_TEST(names(all) == (std::vector<std::string>{"a", "b", "c/"}), boost::test_tools::per_element());
  BOOST_TEST(all.find("There are more.") == all.npos);
  BOOST_TEST(all.ends_with("</body></html>\n"));
}

BOOST_AUTO_TEST_CASE(ends_at_its_bound_and_says_so) {
  const folder f;
  f.file("a"), f.file("b"), f.file("c");
  BOOST_TEST(page(f.list(3)).find("There are more.") == std::string::npos);
  const std::string cut = page(f.list(2));
  BOOST_TEST(names(cut).size() == 2u);
  BOOST_TEST(cut.find("There are more.") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(escapes_what_a_name_has) {
  const folder f;
  f.file("a&b<script>\"'"), f.file("javascript:x"), f.file("\x1b[31m");
  const std::string all = page(f.list(10, "x<y"));
  BOOST_TEST(all.find("<h1>/x&lt;y/</h1>") != std::string::npos);
  BOOST_TEST(all.find("<a href=\"./a%26b%3Cscript%3E%22%27\">a&amp;b&lt;script&gt;&quot;&#39;</a>") !=
             std::string::npos);
  BOOST_TEST(all.find("<a href=\"./javascript%3Ax\">") != std::string::npos);
  BOOST_TEST(all.find("<a href=\"./%1B%5B31m\">?[31m</a>") != std::string::npos);
  BOOST_TEST(all.find("<a href=\"../\">") != std::string::npos);
  BOOST_TEST(page(f.list(10)).find("../") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(is_the_same_however_large_its_parts_are) {
  const folder f;
  for (int i = 0; i < 50; ++i) f.file("file-" + std::to_string(i));
  const std::string all = page(f.list(100), 1'000'000);
  for (const std::size_t part : {1u, 100u, 4096u}) BOOST_TEST(page(f.list(100), part) == all);
}

BOOST_AUTO_TEST_CASE(has_all_names_of_a_folder_that_is_too_large_to_sort) {
  const folder f;
  constexpr std::size_t count = 2 * files::listing::sorted_max + 1;
  for (std::size_t i = 0; i < count; ++i) f.file(std::to_string(1'000'000 + i));
  for (const std::size_t most : {count - 1, count, count + 1}) {
    const std::string all = page(f.list(most), 16 * 1024);
    std::vector<std::string> found = names(all);
    std::sort(found.begin(), found.end());
    BOOST_TEST(found.size() == std::min(most, count));
    BOOST_TEST((std::unique(found.begin(), found.end()) == found.end()));
    BOOST_TEST((all.find("There are more.") != all.npos) == (most < count));
  }
}

BOOST_AUTO_TEST_CASE(says_why_a_folder_can_not_be_read) {
  BOOST_TEST((files::listing{files::descriptor{}, "", 10}.error() == EBADF));
}

BOOST_AUTO_TEST_SUITE_END()
