// Distributed under the Boost Software License, Version 1.0.
// Tests secrets: where they are read from, and that no message has one.
#include "cli/secret.hpp"

#include "support.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>

using namespace epollhost::cli;

namespace {

std::string refusal(std::string_view value) {
  return test::message_of([&] { read_secret(value, ""); });
}

} // namespace

BOOST_AUTO_TEST_SUITE(secret)

BOOST_AUTO_TEST_CASE(is_the_text_itself) {
  for (const char* text : {"", "hush", "a@b", " x ", "****", "\xff"}) BOOST_TEST(read_secret(text, "") == text);
  BOOST_TEST(read_secret("@@at", "") == "@at");
}

BOOST_AUTO_TEST_CASE(is_the_content_of_a_file_without_one_line_end) {
  const test::scratch_folder folder;
  for (const auto& [content, want] : {std::pair{"hush", "hush"},
                                      {"hush\n", "hush"},
                                      {"hush\r\n", "hush"},
                                      {"hush\n\n", "hush\n"},
                                      {"\xff\n", "\xff"}}) {
    const std::string path = folder.write("f", content);
    BOOST_TEST(read_secret("@" + path, "") == want);
    BOOST_TEST(read_secret("@f", folder.path("")) == want);
  }
}

BOOST_AUTO_TEST_CASE(has_a_bound) {
  const test::scratch_folder folder;
  const std::string most(secret_bytes_max, 'x');
  BOOST_TEST(read_secret("@" + folder.write("f", most), "") == most);
  BOOST_TEST(refusal("@" + folder.write("f", most + "y")).ends_with("has more than 65536 bytes"));
}

BOOST_AUTO_TEST_CASE(is_refused_with_the_reason) {
  const test::scratch_folder folder;
  BOOST_TEST(refusal("@/nonexistent") ==
             "the file \"/nonexistent\" of the secret cannot be opened: No such file or directory");
  BOOST_TEST(refusal("@" + folder.write("f", "\n")).ends_with("of the secret is empty"));
  BOOST_TEST(refusal("@" + folder.path("")).ends_with("of the secret is a folder; expected a regular file"));
  BOOST_TEST(refusal("@/dev/zero").ends_with("of the secret is a device; expected a regular file"));
  BOOST_TEST(refusal("@") == "no file follows the @; write @FILE, or @@ for a secret that begins with @");
  BOOST_TEST(refusal("***").find("is what --show-config shows in place of a secret") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(is_shown_as_its_file_or_not_at_all) {
  BOOST_TEST(show_secret("hush", "/etc") == "***");
  BOOST_TEST(show_secret("@@hush", "/etc") == "***");
  BOOST_TEST(show_secret("@hush", "/etc") == "@/etc/hush");
  BOOST_TEST(show_secret("", "/etc") == "");
}

BOOST_AUTO_TEST_SUITE_END()
