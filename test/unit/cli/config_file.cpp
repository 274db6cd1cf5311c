// Distributed under the Boost Software License, Version 1.0.
// Tests the file of options.
#include "cli/config_file.hpp"

#include "support.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>

using namespace epollhost::cli;
using namespace std::string_literals;

namespace {

// "1 plugin=http.so|4 http.body=Hi" for readable comparisons.
std::string parsed(std::string_view text) {
  std::string out;
  for (const assignment& a : parse_config(text, "f"))
    out += (out.empty() ? "" : "|") + std::to_string(a.from.line) + " " + full_name(a) + "=" + *a.value;
  return out;
}

std::string refusal(std::string_view text) {
  return test::message_of([&] { parse_config(text, "f.conf"); });
}

} // namespace

BOOST_AUTO_TEST_SUITE(config_file)

BOOST_AUTO_TEST_CASE(reads_options_before_and_in_sections) {
  BOOST_TEST(parsed("plugin = http.so\n\n[http]\nbody=Hi\n  listen =  :80\t\n[raw]\nlisten = :7\n") ==
             "1 plugin=http.so|4 http.body=Hi|5 http.listen=:80|7 raw.listen=:7");
  BOOST_TEST(parsed("http.body = Hi") == "1 http.body=Hi");
  BOOST_TEST(parsed("") == "");
  BOOST_TEST(parsed("[ http ] # one\nbody = Hi") == "2 http.body=Hi");
}

BOOST_AUTO_TEST_CASE(skips_comments_and_blank_lines) {
  BOOST_TEST(parsed("# a\n  ; b\n\t\n\na = 1 # c\nb = x#y\nc = 1 ; 2\nd = # nothing\n") ==
             "5 a=1|6 b=x#y|7 c=1 ; 2|8 d=");
}

BOOST_AUTO_TEST_CASE(keeps_in_quotes_what_would_be_lost) {
  BOOST_TEST(parsed(R"(a = " x # y " # comment)") == "1 a= x # y ");
  BOOST_TEST(parsed(R"(a = "\"\\\n\r\t\x41")") == "1 a=\"\\\n\r\tA");
  BOOST_TEST(parsed(R"(a = '\n "x" # y')") == "1 a=\\n \"x\" # y");
  BOOST_TEST(parsed("a = \"\"\nb = ''\nc =") == "1 a=|2 b=|3 c=");
  BOOST_TEST(parsed(R"(a = x "y" 'z' \n)") == R"(1 a=x "y" 'z' \n)");
}

BOOST_AUTO_TEST_CASE(takes_the_line_ends_and_the_mark_of_other_systems) {
  BOOST_TEST(parsed("\xef\xbb\xbf"
                    "a = 1\r\nb = 2\r\n") == "1 a=1|2 b=2");
  BOOST_TEST(parsed("a = 1\nb = 2") == "1 a=1|2 b=2");
}

BOOST_AUTO_TEST_CASE(says_file_line_and_fault) {
  const std::pair<std::string, const char*> cases[] = {
      {"\n\nplugin", "f.conf:3: \"plugin\" has no \"=\""},
      {"= 5", "f.conf:1: no option stands before the \"=\""},
      {"[http", "f.conf:1: the section \"[http\" has no closing bracket"},
      {"[]", "f.conf:1: the section has no name"},
      {"[ ]", "f.conf:1: the section has no name"},
      {"[a] b = 1", "f.conf:1: \"b = 1\" follows the section's bracket"},
      {"a = \"x", "f.conf:1: the value has no closing quote"},
      {"a = 'x", "has no closing quote"},
      {"a = \"x\\", "unknown escape"},
      {"a = \"x\\\"", "has no closing quote"},
      {"a = \"\\q\"", "unknown escape \"\\q\""},
      {"a = \"\\x4\"", "unknown escape \"\\x\""},
      {"a = \"x\" y", "something follows the closing quote"},
      {"a = 1\nb = \xff", "f.conf:2: the line is not UTF-8 (byte 0xff at position 5)"},
      {"a = 1\0b"s, "f.conf:1: the line has a zero byte at position 6; expected text without one"},
      {"<xml>", "has no \"=\""}};
  for (const auto& [text, part] : cases) {
    const std::string message = refusal(text);

    BOOST_TEST(message.find(part) != std::string::npos, text << ": " << message);
  }
}

BOOST_AUTO_TEST_CASE(refuses_a_file_that_it_cannot_read) {
  const test::scratch_folder folder;
  const auto read = [](const std::string& file) { return test::message_of([&] { read_config_file(file); }); };
  BOOST_TEST(read(folder.path("none")).find("cannot be opened: No such file or directory") != std::string::npos);
  BOOST_TEST(read(folder.path("")).find("is a folder") != std::string::npos);
  BOOST_TEST(read("").find("the name is empty") != std::string::npos);
  BOOST_TEST(read("/dev/zero").find("is a device; expected a regular file") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(refuses_a_file_that_others_may_write_unless_it_is_allowed) {
  const test::scratch_folder folder;
  const std::string file = folder.write("f", "a = 1\n");
  std::filesystem::permissions(file, std::filesystem::perms(0646));
  BOOST_TEST(test::message_of([&] { read_config_file(file); }).find("everybody may write to the file " + file) !=
             std::string::npos);
  BOOST_TEST(read_config_file(file, true).size() == 1u);
  const auto refused = [&](const std::vector<std::string>& words, const std::vector<std::string>& variables = {}) {
    std::vector<std::string> all = {"--config", file, "--signal", "stop"};
    all.insert(all.end(), words.begin(), words.end());
    return test::refusal_of(all, variables).find("everybody may write") != std::string::npos;
  };
  BOOST_TEST(refused({}));
  BOOST_TEST(refused({"--allow-insecure-config=off"}));
  BOOST_TEST(!refused({"--allow-insecure-config"}));
  BOOST_TEST(!refused({}, {"EPOLLHOST_ALLOW_INSECURE_CONFIG=on"}));
  BOOST_TEST(test::refusal_of({"--config", folder.write("g", "allow-insecure-config = on\nplugin = ./http.so\n")})
                 .find("only on the command line") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(reads_a_file_up_to_its_limit) {
  const test::scratch_folder folder;
  const std::string full = "a = 1\n#" + std::string(config_bytes_max - 8, 'x') + "\n";
  BOOST_TEST(full.size() == config_bytes_max);
  BOOST_TEST(read_config_file(folder.write("full", full)).size() == 1u);
  BOOST_TEST(test::message_of([&] { read_config_file(folder.write("over", full + "\n")); }).find("has more than") !=
             std::string::npos);
  BOOST_TEST(read_config_file("/dev/null").empty());
}

BOOST_AUTO_TEST_CASE(writes_values_so_that_they_are_read_back) {
  for (const std::string value : {"", "abc", " a", "a ", "a # b", "#a", "\"", "'a'", "a\\n", "\n", "\t", "a\"b",
                                  "\u20ac", "\x1b[0m", "a=b", "[x]", ";x"})
    BOOST_TEST(parsed("a = " + config_value(value) + "   # remark") == "1 a=" + value);
}

BOOST_AUTO_TEST_CASE(writes_no_control_character_however_long_the_value_is) {
  for (std::size_t length = 100; length < 300; ++length)
    for (const std::string control : {"\x0e", "\x7f", "\xc2\x9b"}) {
      const std::string value = std::string(length, 'x') + control + "end", written = config_value(value);
      BOOST_TEST(written.find(control) == written.npos, length);
      BOOST_TEST(parsed("a = " + written) == "1 a=" + value, length);
    }
}

BOOST_AUTO_TEST_SUITE_END()
